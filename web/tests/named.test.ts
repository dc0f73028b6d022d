// Named scenarios: what of them still fits the crisis, and what each is compared with.

import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import type { Model } from '../src/model'
import { columns, withOne, type Named } from '../src/see/named'
import { fitting } from '../src/setting'

const crisis = {
  inputs: [{ name: 'gain' }], levers: [{ name: 'hotline' }], observed: 1,
  moves: [{ step: 'answer', options: ['hold', 'strike'] }], chances: [{ step: 'fog', options: ['thick'] }],
} as Model
const bare: Named = { name: 'bare', given: {}, levers: [], rationality: null, now: false, supposed: {} }
const full: Named = {
  name: 'full', given: { gain: 1 }, levers: ['hotline'], rationality: 2, now: true, supposed: { 'answer@2': 'strike', fog: 'thick' },
}

test('a scenario that fits the crisis is left as it is', () => {
  deepEqual(fitting(crisis, full), { scenario: full, gone: [] })
})

test('what is no longer in the file is named and left out', () => {
  const old: Named = {
    ...full, given: { gain: 1, cost: 2 }, levers: ['veto', 'hotline'], supposed: { ...full.supposed, answer: 'wait', rain: 'heavy' },
  }
  deepEqual(fitting(crisis, old), { scenario: full, gone: ['cost', 'veto', 'answer: wait', 'rain: heavy'] })
  const unseen = fitting({ ...crisis, observed: 0 }, full)
  deepEqual([unseen.scenario.now, unseen.gone], [false, ['what was observed']])
})

test('a name is kept once', () => {
  deepEqual(withOne([bare, full], { ...full, name: 'bare' }), [{ ...full, name: 'bare' }, full])
  equal(withOne([bare], full).length, 2)
})

test('scenarios are compared with the file, as of the last event if they are', () => {
  deepEqual(columns(crisis, [bare]).map((one) => one.against), [null, 0])
  const both = columns(crisis, [bare, full, { ...bare, supposed: { fog: 'thick' } }])
  deepEqual(both.map((one) => [one.scenario.now, one.against]), [[false, null], [true, null], [false, 0], [true, 1], [false, 1]])
  deepEqual(columns({ ...crisis, observed: 0 }, [full]).map((one) => one.against), [null, 0])
})
