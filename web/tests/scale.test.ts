// A slider: its ends, its steps and its keys.

import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import type { InputCard } from '../src/model'
import { keyed, rounded, scaleOf, short } from '../src/see/scale'

const input = (more: Partial<InputCard>) => ({ median: 5, quantiles: { p05: 2, p95: 9 }, ...more }) as InputCard

test('a slider goes to the ends of its input, or well past its quantiles', () => {
  deepEqual(scaleOf(input({ min: 0, max: 10 })), { low: 0, high: 10 })
  const open = scaleOf(input({}))
  ok(open.low < 2 && open.high > 9)
})

test('a constant has room on both sides', () => {
  const scale = scaleOf(input({ median: 3, quantiles: {} as InputCard['quantiles'] }))
  ok(scale.low < 3 && scale.high > 3)
})

test('a value that a hand sets stays on the scale and is short', () => {
  const scale = { low: 0, high: 1 }
  equal(rounded(0.123456, scale), 0.123)
  equal(rounded(-4, scale), 0)
  equal(rounded(4, scale), 1)
  equal(rounded(123456.789, { low: 0, high: 1e6 }), 123457)
})

test('keys move a slider by a hundredth, a tenth, or to an end', () => {
  const scale = { low: 0, high: 100 }
  deepEqual(
    ['ArrowRight', 'ArrowDown', 'PageUp', 'PageDown', 'Home', 'End', 'x'].map((key) => keyed(key, 50, scale)),
    [51, 49, 60, 40, 0, 100, null],
  )
})

test('a number is read to three digits', () => {
  deepEqual([short(12), short(0.123456), short(1234.567)], ['12', '0.123', '1234.57'])
})
