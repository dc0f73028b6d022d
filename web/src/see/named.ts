// Named scenarios, as the file beside the crisis holds them: what fits the crisis, and what each is compared with.

import type { Model, Setting } from '../model'

/** What is varied and supposed, under a name. */
export interface Named extends Omit<Setting, 'path' | 'text'> {
  name: string
}

/** A scenario without what is no longer in the file, and what that was. */
export function fitting(crisis: Model, scenario: Named): { scenario: Named; gone: string[] } {
  const inputs = new Set(crisis.inputs.map((input) => input.name))
  const levers = new Set(crisis.levers.map((lever) => lever.name))
  const options = new Map([...crisis.moves, ...crisis.chances].map((step) => [step.step, step.options]))
  const there = (at: string, option: string): boolean => options.get(at.split('@')[0]!)?.includes(option) ?? false
  const given = Object.entries(scenario.given)
  const supposed = Object.entries(scenario.supposed)
  return {
    scenario: {
      ...scenario,
      given: Object.fromEntries(given.filter(([name]) => inputs.has(name))),
      levers: scenario.levers.filter((name) => levers.has(name)),
      now: scenario.now && crisis.observed > 0,
      supposed: Object.fromEntries(supposed.filter(([at, option]) => there(at, option))),
    },
    gone: [
      ...given.map(([name]) => name).filter((name) => !inputs.has(name)),
      ...scenario.levers.filter((name) => !levers.has(name)),
      ...supposed.filter(([at, option]) => !there(at, option)).map(([at, option]) => `${at}: ${option}`),
      ...(scenario.now && !crisis.observed ? ['what was observed'] : []),
    ],
  }
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

const BARE: Named = { name: '', given: {}, levers: [], rationality: null, now: false, supposed: {} }
export const IN_FILE = 'As it is in the file'
export const NOW_IN_FILE = 'The same, as of the last event'

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
