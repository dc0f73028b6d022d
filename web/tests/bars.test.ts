// The bars of the tornado.

import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { MOST_BARS, placeOn, scaleOfBars, widest } from '../src/see/bars'

const bar = (at_low: number, at_high: number) => ({ input: 'x', low: 0, high: 1, at_low, at_high })

test('the widest bars are shown at once, and those that move nothing are not', () => {
  const many = Array.from({ length: 9 }, (_, place) => bar(0.5, 0.5 - (9 - place) / 20))
  equal(widest(many).first.length, MOST_BARS)
  equal(widest(many).others.length, 9 - MOST_BARS)
  deepEqual(widest([bar(0.2, 0.4), bar(0.3, 0.3)]).first, [bar(0.2, 0.4)])
  deepEqual(widest([bar(0.2, 0.4), bar(0.3, 0.3)]).others, [bar(0.3, 0.3)])
})

test('a scale holds every bar and the mean, and stays between nothing and everything', () => {
  const scale = scaleOfBars([bar(0.2, 0.6), bar(0.5, 0.3)], 0.7)
  ok(scale.low < 0.2 && scale.high > 0.7)
  deepEqual(scaleOfBars([bar(0, 1)], 0.5), { low: 0, high: 1 })
  const { low, high } = scaleOfBars([], 0.4)
  ok(low < 0.4 && high > 0.4)
  equal(placeOn({ low: 0.2, high: 0.6 }, 0.3).toFixed(6), '25.000000')
})
