// A slider with its distribution above the track: the density, and ticks at the quantiles.

import type { JSX } from 'preact'
import { step } from '../live'
import { tr } from '../texts'
import { keyed, rounded, short, type Scale } from './scale'

const QUANTILES = ['p05', 'p25', 'p50', 'p75', 'p95'] as const
const HEIGHT: Record<string, number> = { p05: 5, p25: 7, p50: 14, p75: 7, p95: 5 }

export function Slider({ name, label, value, scale, held, quantiles, density, set, free }: {
  name: string
  label: string
  value: number
  scale: Scale
  held: boolean
  quantiles?: Record<string, number>
  density?: [number, number][]
  set: (value: number) => void
  free: () => void
}) {
  function moved(raw: number, at: number, byKey: boolean): void {
    const next = rounded(raw, scale)
    if (next !== value || !held) step(at, () => set(next), byKey)
  }
  function onKey(event: JSX.TargetedKeyboardEvent<HTMLInputElement>): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    if (event.key === 'Delete' || event.key === 'Backspace') {
      event.preventDefault()
      free()
      return
    }
    const next = keyed(event.key, value, scale)
    if (next === null) return
    event.preventDefault()
    moved(next, event.timeStamp, true)
  }
  return (
    <span class="slider">
      <Density scale={scale} quantiles={quantiles} density={density} />
      <input type="range" id={`slider-${name}`} aria-label={label} min={scale.low} max={scale.high} step="any" value={value}
        aria-valuetext={held ? short(value) : tr('{value}, as in the file', { value: short(value) })}
        onInput={(event) => moved(event.currentTarget.valueAsNumber, event.timeStamp, false)} onKeyDown={onKey} />
    </span>
  )
}

function Density({ scale, quantiles, density }: {
  scale: Scale
  quantiles: Record<string, number> | undefined
  density: [number, number][] | undefined
}) {
  const across = (x: number): number => (1000 * (x - scale.low)) / (scale.high - scale.low || 1)
  const inside = (density ?? []).filter(([x]) => x >= scale.low && x <= scale.high)
  const top = Math.max(...inside.map(([, y]) => y), 1e-12)
  const line = inside.map(([x, y]) => `${across(x).toFixed(1)} ${(20 - (18 * y) / top).toFixed(2)}`).join('L')
  const first = inside[0]
  const last = inside.at(-1)
  return (
    <svg class="density" viewBox="0 0 1000 20" preserveAspectRatio="none" aria-hidden="true">
      {first && last && <path class="hill" d={`M${across(first[0])} 20L${line}L${across(last[0])} 20Z`} />}
      {quantiles && QUANTILES.map((name) => {
        const x = quantiles[name]
        if (x === undefined || x < scale.low || x > scale.high) return null
        return <line key={name} class={`tick ${name}`} x1={across(x)} x2={across(x)} y1={20 - (HEIGHT[name] ?? 5)} y2="20" />
      })}
    </svg>
  )
}
