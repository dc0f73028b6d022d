// Positions of the file's entries in its text, and the entry at the cursor.

import { computed } from '@preact/signals'
import { file, model } from '../crisis'
import { cursor } from '../write/editor'

export interface Place {
  from: number
  to: number
}

/** The entries of the inputs and levers, by "section:name". They are found by their indentation, as they are written. */
const places = computed<Map<string, Place>>(() => {
  const found = new Map<string, Place>()
  const crisis = model.value
  const text = file.value?.text ?? ''
  if (!crisis) return found
  const names = {
    inputs: new Set(crisis.inputs.map((input) => input.name)),
    levers: new Set(crisis.levers.map((lever) => lever.name)),
  }
  let section = ''
  let indent = -1
  let last: Place | null = null
  let from = 0
  for (const line of text.split('\n')) {
    const entry = /^( *)([\w.]+):/.exec(line)
    const deep = line.search(/\S/)
    const blank = deep < 0 || line[deep] === '#'
    if (!blank && last && deep <= indent) last = null
    if (entry && !entry[1]) section = entry[2] ?? ''
    else if (entry && !last && (section === 'inputs' || section === 'levers') && names[section].has(entry[2] ?? '')) {
      indent = deep
      last = { from, to: from }
      found.set(`${section}:${entry[2]}`, last)
    }
    if (last && !blank) last.to = from + line.length
    from += line.length + 1
  }
  return found
})

export function placeOf(section: string, name: string): Place | undefined {
  return places.peek().get(`${section}:${name}`)
}

/** The entry at the cursor, as "section:name"; null if there is none. */
export const marked = computed<string | null>(() => {
  const at = cursor.value
  if (at === 0) return null
  for (const [name, place] of places.value) if (at >= place.from && at <= place.to) return name
  const input = model.value?.inputs.find((one) => one.from !== null && one.to !== null && at >= one.from && at <= one.to)
  return input ? `inputs:${input.name}` : null
})
