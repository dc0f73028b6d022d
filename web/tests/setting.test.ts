// What is varied on the page.

import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { given, hold, levers, pull, rationality, release, reset, varied } from '../src/setting'

test('what is varied is counted, and put back', () => {
  hold('cost', 3)
  hold('cost', 4)
  pull('hotline', true)
  pull('hotline', true)
  rationality.value = 2
  deepEqual([given.value, levers.value, varied.value], [{ cost: 4 }, ['hotline'], 3])
  release('cost')
  pull('hotline', false)
  equal(varied.value, 1)
  reset()
  equal(varied.value, 0)
})
