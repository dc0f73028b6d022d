// What is varied now, in one line that is always visible.

import { nameOf } from '../crisis'
import { given, levers, rationality, reset, varied } from '../setting'
import { tr } from '../texts'
import { short } from './scale'
import { Scenarios } from './scenarios'

export function Varied() {
  const held = Object.entries(given.value).map(([name, value]) => `${nameOf('inputs', name)} ${short(value)}`)
  const pulled = levers.value.map((key) => nameOf('levers', key))
  const all = rationality.value === null ? [] : [tr('rationality {value} for all', { value: short(rationality.value) })]
  const said = [...held, ...pulled, ...all]
  return (
    <>
      <span class="varied" title={said.join(', ')}>
        {said.length ? tr('Varied: {settings}', { settings: said.join(', ') }) : tr('As in the file.')}
      </span>
      <Scenarios />
      <button type="button" class="small" disabled={!varied.value} onClick={reset}>{tr('Reset all')}</button>
    </>
  )
}
