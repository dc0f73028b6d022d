// Named scenarios, as the file beside the crisis holds them, and what each is compared with.

import type { Model, Varied } from '../model'
import { BARE, fitting } from '../setting'
import { tr } from '../texts'

/** What is varied and supposed, under a name. */
export interface Named extends Varied {
  name: string
}

/** The scenarios with one more, or with another in place of that of the same name. */
export function withOne(scenarios: Named[], added: Named): Named[] {
  const there = scenarios.some((one) => one.name === added.name)
  return there ? scenarios.map((one) => (one.name === added.name ? added : one)) : [...scenarios, added]
}

/** A column of the table side by side: a scenario, and the place of the column that it is compared with. */
export interface Compared {
  scenario: Named
  gone: string[]
  against: number | null
}

const IN_FILE = tr('As it is in the file')
const NOW_IN_FILE = tr('The same, as of the last event')

/** The columns side by side: the file first, and, if a scenario is as of the last event, the file as of it too. */
export function columns(crisis: Model, scenarios: Named[]): Compared[] {
  const fitted = scenarios.map((one) => fitting(crisis, one))
  const ahead = (one: Named): boolean => crisis.observed > 0 && (one.now || Object.keys(one.supposed).length > 0)
  const files: Compared[] = [{ scenario: { ...BARE, name: IN_FILE }, gone: [], against: null }]
  if (fitted.some(({ scenario }) => ahead(scenario))) {
    files.push({ scenario: { ...BARE, name: NOW_IN_FILE, now: true }, gone: [], against: null })
  }
  return [...files, ...fitted.map((one) => ({ ...one, against: ahead(one.scenario) ? 1 : 0 }))]
}
