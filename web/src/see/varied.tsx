// What is varied now, in one line that is always visible.

import { model } from '../crisis'
import { plain } from '../model'
import { given, levers, rationality, reset, varied } from '../setting'
import { short } from './scale'

export function Varied() {
  const held = Object.entries(given.value).map(([name, value]) => `${labelOf(name)} ${short(value)}`)
  const pulled = levers.value.map(plain)
  const all = rationality.value === null ? [] : [`rationality ${short(rationality.value)} for all`]
  const said = [...held, ...pulled, ...all]
  return (
    <>
      <span class="varied" title={said.join(', ')}>
        {said.length ? `Varied: ${said.join(', ')}` : 'As in the file.'}
      </span>
      <button type="button" class="small" disabled={!varied.value} onClick={reset}>Reset all</button>
    </>
  )
}

function labelOf(name: string): string {
  return plain(model.value?.inputs.find((input) => input.name === name)?.label ?? name)
}
