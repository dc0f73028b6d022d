// The form of a new crisis: rows that come, move and go, and what the server is sent.

import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import {
  emptyForm, fileName, keptForm, moved, NOTHING, requestOf, sight, withActor, withEnding, withOption, withoutActor,
  withoutEnding, withoutStep, withPayoff, withStep, type Form,
} from '../src/new/form'

interface Request {
  actors: { name: string }[]
  steps: { by: number | null; options: object[]; unseen: number[]; happens_if: { taken: object[] } }[]
  endings: { name: string; when: { taken: object[] } }[]
  avoid: number
  payoffs: { guess: number | null; low: number | null }[][]
}

const sent = (form: Form): Request => requestOf(form) as Request

test('a new form asks for two actors, one move and two endings, of which the last needs no condition', () => {
  const request = sent(emptyForm())
  deepEqual([request.actors.length, request.steps.length, request.steps[0]!.options.length], [2, 1, 2])
  deepEqual(request.endings.map((ending) => ending.when.taken.length), [1, 0])
  equal(request.avoid, 0)
  deepEqual(request.payoffs[1]![1], { guess: null, low: null, high: null, because: '' })
})

test('parts are named by their places, also after rows have moved', () => {
  let form = withStep(emptyForm(), 'chance')
  const [move, chance] = form.steps
  form = { ...form, endings: form.endings.map((ending, place) =>
    place ? ending : { ...ending, when: { anyOf: false, taken: [{ step: chance!.id, option: chance!.options[1]!.id }] } }) }
  deepEqual(sent(form).endings[0]!.when.taken, [{ step: 1, option: 1 }])
  form = { ...form, steps: moved(form.steps, 0, 1) }
  deepEqual(sent(form).endings[0]!.when.taken, [{ step: 0, option: 1 }])
  deepEqual(sent(form).steps.map((step) => step.by), [null, 0])
  form = withoutStep(form, chance!.id)
  deepEqual(sent(form).endings[0]!.when.taken, [{ step: -1, option: -1 }])
  equal(form.steps[0]!.id, move!.id)
})

test('a move goes to the first actor if its own is taken out, and the next move is the other side', () => {
  const form = withStep(emptyForm(), 'move')
  deepEqual(form.steps.map((step) => step.by), [1, 2])
  deepEqual(withoutActor(form, 1).steps.map((step) => step.by), [2, 2])
  equal(sent(withoutActor(form, 1)).steps[0]!.by, 0)
})

test('numbers that were not used before name new rows', () => {
  const form = withOption(withEnding(withActor(withStep(emptyForm(), 'move'))), 3)
  const ids = [...form.actors, ...form.steps, ...form.steps.flatMap((step) => step.options), ...form.endings].map((row) => row.id)
  equal(new Set(ids).size, ids.length)
  equal(Math.max(...ids) + 1, form.next)
  equal(form.endings.at(-1)!.id, emptyForm().endings.at(-1)!.id)
})

test('an actor has seen all earlier steps by default, and remembers what it saw or did', () => {
  let form = withStep(withStep(withStep(emptyForm(), 'chance'), 'move'), 'move')
  form = { ...form, steps: form.steps.map((step, place) => ({ ...step, by: [1, null, 2, 2][place]! })) }
  deepEqual([0, 1].map((earlier) => sight(form, 2, earlier)), ['seen', 'seen'])
  const [first, chance] = form.steps
  form.steps[2]!.unseen = [first!.id, chance!.id]
  form.steps[3]!.unseen = [chance!.id]
  deepEqual([0, 1, 2].map((earlier) => sight(form, 3, earlier)), ['seen', 'unseen', 'own'])
  deepEqual(sent(form).steps.map((step) => step.unseen), [[], [], [0, 1], [1]])
  form.steps[2]!.unseen = []
  deepEqual([0, 1].map((earlier) => sight(form, 3, earlier)), ['remembered', 'remembered'])
  deepEqual(sent(form).steps[3]!.unseen, [])
})

test('the ending to avoid and payoffs follow their ending', () => {
  let form = withPayoff(emptyForm(), 2, 8, { ...NOTHING, guess: '-1.5', low: 'x' })
  form = { ...form, endings: moved(form.endings, 0, 1) }
  equal(sent(form).avoid, 1)
  deepEqual(sent(form).payoffs[1]![0], { guess: -1.5, low: null, high: null, because: '' })
  equal(sent(withoutEnding(form, 7)).avoid, 0)
})

test('rows at the ends do not move on', () => {
  const rows = [1, 2, 3]
  equal(moved(rows, 0, -1), rows)
  equal(moved(rows, 2, 1), rows)
  deepEqual(moved(rows, 1, -1), [2, 1, 3])
})

test('the file is named after the title until it has a name', () => {
  equal(fileName({ ...emptyForm(), title: 'The rig: on the réef!' }), 'the-rig-on-the-reef.yaml')
  equal(fileName({ ...emptyForm(), title: '戦争' }), 'crisis.yaml')
  equal(fileName({ ...emptyForm(), title: 'The rig', file: ' rig.yml ' }), 'rig.yml')
})

test('a kept form is taken up again, and anything else is not', () => {
  const form = withPayoff(withStep(withEnding(emptyForm()), 'chance'), 1, 7, { ...NOTHING, guess: '1' })
  deepEqual(keptForm(JSON.stringify(form)), form)
  for (const text of [null, '', '{', 'null', '[]', '{}', '1', JSON.stringify({ ...form, actors: 1 })]) equal(keptForm(text), null)
  equal(keptForm(JSON.stringify({ ...form, steps: [{ ...form.steps[0], options: [{}] }] })), null)
  equal(keptForm(JSON.stringify({ ...form, payoffs: { '1 7': {} } })), null)
})
