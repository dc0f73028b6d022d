// The questions about a run (studies), in plain words, and the options of each.

import { post } from '../api'
import { inRound, nameIn, optionIn, type Finding, type Model } from '../model'
import { tr } from '../texts'
import LIMITS from './options.json' // the schema of the options, offramp/study/options.py

export type Options = Record<string, string | number | boolean | Record<string, string>>

/** One choice of a question: a list to choose from, a number, or words. */
export interface Asks {
  name: string
  label: string
  hint?: string
  from?: (model: Model) => (readonly [string, string])[]
  number?: { value: string; min: number; max?: number; step?: number | 'any' }
  /** The entry for "no choice"; without it a choice is required. */
  otherwise?: string
}

export interface StudyQuestion {
  study: string
  words: string
  about: string
  asks: Asks[]
  /** Makes the options of the request from what was chosen. */
  made?: (chosen: Record<string, string>) => Options
}

const endings = (model: Model) => model.endings.map(({ name }) => [name, nameIn(model, 'endings', name)] as const)
const measures = (model: Model) => model.measures.map(({ name }) => [name, nameIn(model, 'measures', name)] as const)
const inputs = (model: Model) => model.inputs.map((input) => [input.name, input.label || input.name] as const)
const actors = (model: Model) => model.actors.map((actor) => [actor.key, actor.name] as const)

/** Each move, and inside rounds also each of its rounds, as `reply@2`. */
export function moves(model: Model): (readonly [string, string])[] {
  return model.moves.flatMap((move) => {
    const rounds = (move.rounds ?? []).filter((round) => round > 0)
    const words = `${nameIn(model, 'steps', move.step)}${move.actor ? ` (${nameOf(model, move.actor)})` : ''}`
    return rounds.length
      ? rounds.map((round) => [`${move.step}@${round}`, inRound(words, round)] as const)
      : [[move.step, words] as const]
  })
}

/** Each option of each move, as `reply@2=absorb`. */
export function choices(model: Model): (readonly [string, string])[] {
  return moves(model).flatMap(([key, words]) => {
    const step = model.moves.find((move) => move.step === key.split('@')[0])
    const [name, round] = key.split('@')
    return (step?.options ?? []).map((option) =>
      [`${name}=${option}${round ? `@${round}` : ''}`, `${words}: ${optionIn(model, name ?? '', option)}`] as const)
  })
}

export function nameOf(model: Model, actor: string): string {
  return model.actors.find((each) => each.key === actor)?.name ?? actor
}

/** What assumptions are weighed for: an ending as `ending:NAME`, a measure as `measure:NAME`. */
const weighed = (model: Model) => [
  ...endings(model).map(([key, words]) => [`ending:${key}`, words] as const),
  ...measures(model).map(([key, words]) => [`measure:${key}`, words] as const),
]

/** What is mapped: an ending as `ending:NAME`, a move's most likely option as `move:NAME`. */
const mapped = (model: Model) => [
  ...endings(model).map(([key, words]) => [`ending:${key}`, tr('how likely: {ending}', { ending: words })] as const),
  ...moves(model).map(([key, words]) => [`move:${key}`, tr('the most likely choice: {move}', { move: words })] as const),
  ...measures(model).map(([key, words]) => [`measure:${key}`, tr('how much: {measure}', { measure: words })] as const),
]

/** The option that a choice `KIND:NAME` stands for. */
function chosenOf(of: string | undefined): Options {
  const [kind, name] = (of ?? '').split(/:(.*)/s)
  return kind && name ? { [kind]: name } : {}
}

/** Default and bounds of a number that a question takes. */
function limits(study: keyof typeof LIMITS, option: string): { value: string; min: number; max: number } {
  const { value, min, max } = (LIMITS[study] as Record<string, { value: number | null; min: number; max: number }>)[option]!
  return { value: String(value ?? ''), min, max }
}

export const QUESTIONS: StudyQuestion[] = [
  {
    study: 'weigh', words: tr('Which assumptions carry it?'),
    about: tr('Sensitivity analysis: how much of the uncertainty of the endings comes from each input, and from each source.'),
    asks: [{ name: 'of', label: tr('Of what'), from: weighed, otherwise: tr('all endings') }],
    made: ({ of }) => chosenOf(of),
  },
  {
    study: 'levers', words: tr('What opens a way out?'),
    about: tr('Tries every lever, and every pair of levers, on the same draws.'),
    asks: [
      { name: 'ending', label: tr('Ending to avoid'), from: endings, otherwise: tr('those marked, or the first') },
      {
        name: 'below', label: tr('Bring it below, in percent'), hint: tr('finds the cheapest levers; may be empty'),
        number: { value: '', min: 0, max: 100, step: 'any' },
      },
      { name: 'draws', label: tr('Draws'), number: limits('levers', 'draws') },
    ],
    made: ({ below, ...rest }) => ({ ...numbers(rest, ['draws']), ...(below ? { below: Number(below) / 100 } : {}) }),
  },
  {
    study: 'worth', words: tr('What is it worth to find out?'),
    about: tr('Value of information: what it is worth to learn an input, or a hidden fact, before choosing a lever.'),
    asks: [
      { name: 'ending', label: tr('Ending to avoid'), from: endings, otherwise: tr('those marked, or the first') },
      { name: 'for', label: tr('For whom'), from: actors, otherwise: tr('to avoid the ending') },
      { name: 'draws', label: tr('Draws'), number: { ...limits('worth', 'draws'), min: 64 } },
    ],
    made: (chosen) => {
      const { ending, ...others } = numbers(chosen, ['draws'])
      return others['for'] || !ending ? others : { ...others, ending }
    },
  },
  {
    study: 'moves', words: tr('Who will do what?'), asks: [],
    about: tr('Each move over all of play, and in each situation in which it is made.'),
  },
  {
    study: 'paths', words: tr('By which paths?'),
    about: tr('The most likely courses of the crisis, overall and to each ending.'),
    asks: [
      { name: 'to', label: tr('To'), from: endings, otherwise: tr('every ending') },
      { name: 'top', label: tr('Paths to show'), number: { ...limits('paths', 'top'), value: '5' } },
    ],
    made: (chosen) => numbers(chosen, ['top']),
  },
  {
    study: 'why', words: tr('Why would they?'),
    about: tr('What each option of a move is worth to its actor, and what makes it so.'),
    asks: [
      { name: 'move', label: tr('Move'), from: moves },
      { name: 'sees', label: tr('What the actor knows there'), hint: tr('may be empty; as in red_line=high, relay=pass_on') },
    ],
    made: ({ move, sees }) => ({ move: move ?? '', ...(sees ? { sees: factsIn(sees) } : {}) }),
  },
  {
    study: 'map', words: tr('Where does it tip?'),
    about: tr('Two-way map: where the most likely ending, or choice, changes over two inputs.'),
    asks: [
      { name: 'x', label: tr('Horizontal axis'), from: inputs },
      { name: 'y', label: tr('Vertical axis'), from: (model) => rotated(inputs(model)) },
      { name: 'of', label: tr('What is mapped'), from: mapped, otherwise: tr('the most likely ending') },
      { name: 'size', label: tr('Points along each axis'), number: { ...limits('map', 'size'), value: '15' } },
    ],
    made: ({ of, ...rest }) => ({ ...numbers(rest, ['size']), ...chosenOf(of) }),
  },
  {
    study: 'update', words: tr('What do the events since say?'),
    about: tr('How inputs, hidden facts and endings change with what was observed.'),
    asks: [{
      name: 'from', label: tr('Crisis file with the events observed since'), otherwise: tr("the run's own file"),
      from: () => [], hint: tr('with another file the draws are solved again'),
    }],
  },
]

function numbers(chosen: Record<string, string>, names: string[]): Options {
  return Object.fromEntries(
    Object.entries(chosen).map(([name, value]) => [name, names.includes(name) ? Number(value) : value]),
  )
}

/** `step=value, step=value` as values by step. */
function factsIn(text: string): Record<string, string> {
  const pairs = text.split(',').map((pair) => pair.split('=').map((word) => word.trim()))
  return Object.fromEntries(pairs.filter(([step]) => step).map(([step, value]) => [step!, value ?? '']))
}

/** The options that say as of when a question is answered: as the run is, or as of now, with what is supposed. */
export function momentOf(now: boolean, suppose: string): Options {
  const supposed = factsIn(suppose)
  return { ...(now ? { now } : {}), ...(Object.keys(supposed).length ? { suppose: supposed } : {}) }
}

/** The second first, so that the two axes of a map begin with different inputs. */
function rotated<T>(list: T[]): T[] {
  return [...list.slice(1), ...list.slice(0, 1)]
}

export function askStudy(run: string, study: string, options: Options, signal: AbortSignal): Promise<Finding> {
  return post<Finding>('/api/study', { run, study, options }, signal)
}
