// The tour: a few short stops, each beside the element that it explains. It can be left at any time and is offered once.

import { effect, signal } from '@preact/signals'
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { hidesEndings } from './draft/first'
import { side, type Side } from './see/side'
import { editorAway, narrow, part, type Part } from './session'
import { tr } from './texts'

interface Stop {
  /** What the stop stands beside: an element's `data-tour`. */
  at: string
  part: Part
  side?: Side
  title: string
  text: string
}

const STOPS: Stop[] = [
  { at: 'endings', part: 'see', title: tr('How it could end'),
    text: tr('A crisis, written as a model and solved. Each line is an ending and how likely it is; the pale band covers 90 of 100 draws of the uncertain numbers.') },
  { at: 'vary', part: 'see', side: 'vary', title: tr('Drag an assumption'),
    text: tr('Every uncertain number is a slider, its marks are its quantiles. Drag one and the endings move; a tick marks where they were. Open a line for its reason and its source.') },
  { at: 'levers', part: 'see', side: 'vary', title: tr('Pull a lever'),
    text: tr('What could be tried: a hotline, a messenger. Switch one on and see which way the endings go, and at what cost.') },
  { at: 'timeline', part: 'see', side: 'timeline', title: tr('Who does what, and why'),
    text: tr('The wider a band of the timeline, the more likely is that course. Choose a move to read why its actor makes it.') },
  { at: 'editor', part: 'write', title: tr('It is all in one file'),
    text: tr('The model is a text that you can read and change. Mistakes are underlined while you type; F1 or Ctrl I explains a word. "New" and "Save as" are in the File menu.') },
  { at: 'parts', part: 'see', title: tr('Further on'),
    text: tr('Runs solves it over thousands of draws and answers the large questions. Play gives you a side. Score keeps your forecasts.') },
  { at: 'help', part: 'see', title: tr('That is all'),
    text: tr('Keys, light and dark, and this tour are under Help. The Link menu makes a link to what you see.') },
]

const KEY = 'offramp-tour'
const stop = signal<number | null>(null)
let before: Part | null = null

export function startTour(): void {
  before = part.peek()
  stop.value = 0
}

/** On the first visit, unless it would speak of endings that are hidden, or stand over the making of a draft. */
export function offerTour(): void {
  if (!localStorage.getItem(KEY) && !hidesEndings.peek() && part.peek() !== 'draft') startTour()
}

// Whoever goes to another part leaves it. It gives way to a draft, and is offered again at the next visit.
effect(() => {
  if (part.value === 'see' || part.value === 'write' || stop.peek() === null) return
  if (part.value !== 'draft') localStorage.setItem(KEY, 'done')
  stop.value = null
})
effect(() => { if (hidesEndings.value) stop.value = null })

function end(): void {
  localStorage.setItem(KEY, 'done')
  stop.value = null
  if (before) part.value = before
}

export function Tour() {
  const number = stop.value
  const here = number === null ? undefined : STOPS[number]
  return here && number !== null ? <StopView key="stop" here={here} number={number} /> : null
}

function StopView({ here, number }: { here: Stop; number: number }) {
  const box = useRef<HTMLDivElement>(null)
  const [place, setPlace] = useState<{ left: number; top: number } | null>(null)
  useLayoutEffect(() => {
    // on a wide page the editor stands beside every part
    part.value = here.part === 'write' && !narrow.matches ? 'see' : here.part
    if (here.part === 'write') editorAway.value = false
    if (here.side) side.value = here.side
    const frame = requestAnimationFrame(() => {
      unmark()
      const target = about(here)
      target?.classList.add('toured')
      target?.scrollIntoView({ block: 'nearest' })
      if (box.current) setPlace(beside(target, box.current))
    })
    const again = (): void => { if (box.current) setPlace(beside(about(here), box.current)) }
    window.addEventListener('resize', again)
    return () => {
      cancelAnimationFrame(frame)
      window.removeEventListener('resize', again)
    }
  }, [here])
  useLayoutEffect(() => {
    // it takes the focus once it is visible, and not while it moves
    if (place && !box.current?.contains(document.activeElement)) box.current?.focus()
  }, [place])
  useEffect(() => {
    const leave = (event: KeyboardEvent): void => { if (event.key === 'Escape') end() }
    document.addEventListener('keydown', leave)
    return () => {
      document.removeEventListener('keydown', leave)
      unmark()
    }
  }, [])
  const last = number === STOPS.length - 1
  return (
    <div class="tour" role="dialog" tabIndex={-1} ref={box}
      aria-label={tr('Tour, {number} of {count}: {title}', { number: number + 1, count: STOPS.length, title: here.title })}
      style={place ? { left: `${place.left}px`, top: `${place.top}px` } : { left: '0px', top: '0px', visibility: 'hidden' }}>
      <div aria-live="polite">
        <h2>{here.title}</h2>
        <p>{here.text}</p>
      </div>
      <div class="tour-buttons">
        <span>{tr('{number} of {count}', { number: number + 1, count: STOPS.length })}</span>
        {!last && <button type="button" onClick={end}>{tr('Skip')}</button>}
        <button type="button" disabled={number === 0} onClick={() => (stop.value = number - 1)}>{tr('Back')}</button>
        <button type="button" class="main" onClick={() => (last ? end() : (stop.value = number + 1))}>
          {last ? tr('Done') : tr('Next')}
        </button>
      </div>
    </div>
  )
}

function about(here: Stop): HTMLElement | null {
  return document.querySelector<HTMLElement>(`[data-tour="${here.at}"]`)
}

function unmark(): void {
  document.querySelectorAll('.toured').forEach((element) => element.classList.remove('toured'))
}

/** Below the element if there is room, else above it, else at the bottom of the window; always inside the window. */
function beside(target: HTMLElement | null, box: HTMLElement): { left: number; top: number } {
  const gap = 10
  const wide = box.offsetWidth
  const high = box.offsetHeight
  const edge = { right: window.innerWidth - wide - gap, bottom: window.innerHeight - high - gap }
  const around = target?.getBoundingClientRect() ?? new DOMRect(edge.right / 2, edge.bottom / 2, 0, 0)
  const below = around.bottom + gap
  const above = around.top - high - gap
  const top = below <= edge.bottom ? below : above >= gap ? above : edge.bottom
  return { left: Math.max(gap, Math.min(around.left, edge.right)), top: Math.max(gap, top) }
}
