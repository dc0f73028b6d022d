// How the page tells the steps of a match.

import { equal } from 'node:assert/strict'
import { test } from 'node:test'
import { heading, playedBy, type DebriefEntry } from '../src/play/model'

const step = { actor: 'tessia', name: 'Tessia', by: 'person', step_name: 'the notice', value_name: 'silence' } as DebriefEntry

test('a step says who played it, and one that was before now says that', () => {
  equal(playedBy('person', 'sentence'), 'Played by a person.')
  equal(playedBy('offramp', 'clause'), 'played by Offramp')
  equal(playedBy('past', 'sentence'), 'Before now.')
  equal(playedBy('chance', 'sentence'), '')
  equal(playedBy(null, 'clause'), '')
})

test('a person is told of an own step as "You", unless it was before now', () => {
  equal(heading(step, 'tessia'), 'You, the notice: silence')
  equal(heading({ ...step, by: 'past' }, 'tessia'), 'Tessia, the notice: silence')
  equal(heading(step, 'marland'), 'Tessia, the notice: silence')
  equal(heading({ ...step, actor: null, by: 'chance' }), 'Chance, the notice: silence')
})
