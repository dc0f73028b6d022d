// Numbers as the page words them: the same as the report does.

import { equal } from 'node:assert/strict'
import { test } from 'node:test'
import { percent, plain, points } from '../src/model'

test('a probability has a tenth of a percent, and two digits near 0 and 100', () => {
  equal(percent(0.4567), '45.7 %')
  equal(percent(0), '0.0 %')
  equal(percent(1), '100.0 %')
  equal(percent(0.00034), '0.034 %')
  equal(percent(0.99966), '99.966 %')
  equal(percent(2e-7), '<0.001 %')
  equal(percent(1 - 2e-7), '>99.999 %')
})

test('a difference has its sign, and nothing is neither more nor less', () => {
  equal(points(0.021), '+2.1')
  equal(points(-0.0034), '−0.34')
  equal(points(0), '0.0')
  equal(points(-1e-12), '0.0')
})

test('a name of the file is read as words', () => {
  equal(plain('stand_down_now'), 'stand down now')
})
