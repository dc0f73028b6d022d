// What the forms of the questions send to the server.

import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import type { Model } from '../src/model'
import { choices, momentOf, moves, nameOf, QUESTIONS } from '../src/runs/studies'

const model = {
  actors: [{ key: 'north', name: 'Northland' }],
  names: { endings: {}, inputs: {}, levers: {}, steps: { answer: 'the answer' }, options: {} },
  moves: [
    { step: 'answer', actor: 'north', options: ['hold', 'strike'] },
    { step: 'reply', actor: null, options: ['absorb'], rounds: [1, 2] },
  ],
} as unknown as Model

const made = (study: string, chosen: Record<string, string>) =>
  QUESTIONS.find((question) => question.study === study)?.made?.(chosen)

test('a move is named with its actor, and inside rounds once a round', () => {
  deepEqual(moves(model), [
    ['answer', 'the answer (Northland)'],
    ['reply@1', 'reply, round 1'],
    ['reply@2', 'reply, round 2'],
  ])
  deepEqual(choices(model).map(([key]) => key), ['answer=hold', 'answer=strike', 'reply=absorb@1', 'reply=absorb@2'])
  equal(nameOf(model, 'south'), 'south')
})

test('levers are asked below a share, or for none', () => {
  deepEqual(made('levers', { ending: 'war', below: '5', draws: '96' }), { ending: 'war', draws: 96, below: 0.05 })
  deepEqual(made('levers', { ending: 'war', below: '', draws: '96' }), { ending: 'war', draws: 96 })
})

test('worth is asked for an actor or an ending, not both', () => {
  deepEqual(made('worth', { ending: 'war', for: 'north', draws: '320' }), { for: 'north', draws: 320 })
  deepEqual(made('worth', { ending: 'war', for: '', draws: '320' }), { ending: 'war', for: '', draws: 320 })
})

test('facts are read as step=value', () => {
  deepEqual(made('why', { move: 'answer', sees: 'red_line = high, relay=pass_on' }), {
    move: 'answer',
    sees: { red_line: 'high', relay: 'pass_on' },
  })
})

test('assumptions are weighed for all endings, for one, or for a measure', () => {
  deepEqual(made('weigh', { of: '' }), {})
  deepEqual(made('weigh', { of: 'ending:war' }), { ending: 'war' })
  deepEqual(made('weigh', { of: 'measure:dead' }), { measure: 'dead' })
})

test('a map is of an ending, a move or a measure', () => {
  deepEqual(made('map', { x: 'a', y: 'b', of: 'move:reply@2', size: '15' }), { x: 'a', y: 'b', size: 15, move: 'reply@2' })
  deepEqual(made('map', { x: 'a', y: 'b', of: 'measure:dead', size: '15' }), { x: 'a', y: 'b', size: 15, measure: 'dead' })
  deepEqual(made('map', { x: 'a', y: 'b', of: '', size: '15' }), { x: 'a', y: 'b', size: 15 })
})

test('a question is answered as the run is, or as of now with what is supposed', () => {
  deepEqual(momentOf(false, ' '), {})
  deepEqual(momentOf(true, 'answer=staged, reply@2=limited|broad'), {
    now: true,
    suppose: { answer: 'staged', 'reply@2': 'limited|broad' },
  })
})
