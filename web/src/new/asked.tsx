// The parts of the form: a field with what is wrong with it, rows that move and go, an estimate, a condition.

import { createContext, type ComponentChildren } from 'preact'
import { useContext } from 'preact/hooks'
import { tr } from '../texts'
import { moved, type Condition, type Estimate, type Step } from './form'

/** What is wrong with the answers, by place; with `all`, also what is only missing so far. */
export interface Wrong {
  faults: ReadonlyMap<string, string>
  all: boolean
}

export const WrongIn = createContext<Wrong>({ faults: new Map(), all: false })

/** What is wrong at a place, and the attributes of a field there; missing answers are not faults until all are asked for. */
function useFault(at: string, answered: boolean): { fault: string | undefined; id: string; field: object } {
  const { faults, all } = useContext(WrongIn)
  const fault = all || answered ? faults.get(at) : undefined
  const id = `new-${at.replaceAll('.', '-')}`
  return { fault, id, field: fault ? { 'aria-invalid': true, 'aria-describedby': `${id}-fault` } : {} }
}

function FaultText({ id, children }: { id: string; children: string | undefined }) {
  return children ? <small class="fault" id={`${id}-fault`} tabIndex={-1}>{capital(children)}.</small> : null
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1)
}

/** What is wrong with a group of fields. */
export function GroupFault({ at }: { at: string }) {
  const { fault, id } = useFault(at, false)
  return <FaultText id={id}>{fault}</FaultText>
}

export function Field({ at, label, value, set, example, wide }: {
  at: string
  label: string
  value: string
  set: (value: string) => void
  example?: string | undefined
  wide?: boolean
}) {
  const { fault, id, field } = useFault(at, value !== '')
  return (
    <div class={`asked ${wide ? 'wide' : ''}`}>
      <label for={id}>{label}</label>
      <input id={id} value={value} placeholder={example} autocomplete="off" {...field}
        onInput={(event) => set(event.currentTarget.value)} />
      <FaultText id={id}>{fault}</FaultText>
    </div>
  )
}

const NUMBERS = [['low', tr('from')], ['guess', tr('best guess')], ['high', tr('to')]] as const

/** A best guess, its range and its reason; `of` says what it is an estimate of. */
export function EstimateFields({ at, of, value, set }: {
  at: string
  of: string
  value: Estimate
  set: (value: Estimate) => void
}) {
  const { fault, id, field } = useFault(at, Object.values(value).some((text) => text !== ''))
  return (
    <div class="estimate" role="group" aria-label={of}>
      {NUMBERS.map(([key, label]) => (
        <div class="asked" key={key}>
          <label for={`${id}-${key}`}>{label}</label>
          <input id={`${id}-${key}`} type="number" step="any" inputMode="decimal" value={value[key]} autocomplete="off"
            {...field} onInput={(event) => set({ ...value, [key]: event.currentTarget.value })} />
        </div>
      ))}
      <div class="asked why">
        <label for={`${id}-because`}>{tr('why')}</label>
        <input id={`${id}-because`} value={value.because} autocomplete="off"
          onInput={(event) => set({ ...value, because: event.currentTarget.value })} />
      </div>
      <FaultText id={id}>{fault}</FaultText>
    </div>
  )
}

/** The buttons of a row: up, down, and out of the list, unless `fewest` rows are left. */
export function RowButtons<Row>({ name, rows, place, fewest, set, remove }: {
  name: string
  rows: Row[]
  place: number
  fewest: number
  set?: (rows: Row[]) => void
  remove: () => void
}) {
  const move = (by: -1 | 1) => (event: MouseEvent): void => {
    const pressed = event.currentTarget as HTMLElement
    set?.(moved(rows, place, by))
    later(() => pressed.focus()) // a row that moves loses the focus
  }
  return (
    <span class="row-buttons">
      {set && (
        <>
          <button type="button" class="small" aria-label={tr('Move {name} up', { name })} aria-disabled={place === 0}
            onClick={move(-1)}>↑</button>
          <button type="button" class="small" aria-label={tr('Move {name} down', { name })} aria-disabled={place === rows.length - 1}
            onClick={move(1)}>↓</button>
        </>
      )}
      {rows.length > fewest && (
        <button type="button" class="small" aria-label={tr('Take out {name}', { name })}
          onClick={(event) => {
            const list = event.currentTarget.closest('[data-rows]')
            remove()
            later(() => list?.querySelector<HTMLElement>(':scope > .add button')?.focus())
          }}>×</button>
      )}
    </span>
  )
}

/** The buttons that add rows, below the rows; each adds one and gives its number, whose first field gets the focus. */
export function Adding({ rows, most, kinds }: { rows: number; most: number; kinds: [string, () => number][] }) {
  if (rows >= most) return null
  return (
    <p class="add">
      {kinds.map(([label, add]) => (
        <button key={label} type="button" class="small"
          onClick={() => {
            const id = add()
            later(() => document.getElementById(`row-${id}`)?.querySelector('input')?.focus())
          }}>
          {label}
        </button>
      ))}
    </p>
  )
}

/** Moves the focus once the page shows the change. */
function later(focus: () => void): void {
  window.setTimeout(focus)
}

const MOST_TAKEN = 8

/** Which options of which steps must be taken. */
export function ConditionFields({ at, legend, more, value, set, steps, fewest }: {
  at: string
  legend: string
  more: string
  value: Condition
  set: (value: Condition) => void
  steps: Step[]
  fewest: number
}) {
  const { taken } = value
  return (
    <div class="condition" data-rows role="group" aria-label={legend}>
      {taken.length > 0 && (
        <p>
          {legend}{' '}
          {taken.length > 1 && (
            <select aria-label={tr('How many of these')} value={value.anyOf ? 'any' : 'all'}
              onChange={(event) => set({ ...value, anyOf: event.currentTarget.value === 'any' })}>
              <option value="all">{tr('all of these')}</option>
              <option value="any">{tr('any of these')}</option>
            </select>
          )}
        </p>
      )}
      {taken.map((one, place) => (
        <OptionChosen key={place} at={`${at}.${place}`} steps={steps} value={`${one.step} ${one.option}`}
          set={(step, option) => set({ ...value, taken: taken.map((each, other) => (other === place ? { step, option } : each)) })}>
          <RowButtons name={tr('condition {number}', { number: place + 1 })} rows={taken} place={place} fewest={fewest}
            remove={() => set({ ...value, taken: taken.filter((_, other) => other !== place) })} />
        </OptionChosen>
      ))}
      <GroupFault at={at} />
      {taken.length < MOST_TAKEN && (
        <p class="add">
          <button type="button" class="small" onClick={() => set({ ...value, taken: [...taken, { step: 0, option: 0 }] })}>
            {taken.length ? tr('One more') : more}
          </button>
        </p>
      )}
    </div>
  )
}

/** The name of a step within a sentence; `place`: its number less one. */
export function nameOfStep(step: Step, place: number): string {
  return step.name || tr('step {number}', { number: place + 1 })
}

function OptionChosen({ at, steps, value, set, children }: {
  at: string
  steps: Step[]
  value: string
  set: (step: number, option: number) => void
  children: ComponentChildren
}) {
  const { fault, id, field } = useFault(at, false)
  const known = steps.some((step) => step.options.some((option) => `${step.id} ${option.id}` === value))
  return (
    <div class="chosen">
      <select aria-label={tr('A step and its option')} value={known ? value : ''} {...field}
        onChange={(event) => {
          const [step, option] = event.currentTarget.value.split(' ').map(Number)
          set(step ?? 0, option ?? 0)
        }}>
        <option value="" disabled>{tr('choose')}</option>
        {steps.map((step, place) => (
          <optgroup key={step.id} label={nameOfStep(step, place)}>
            {step.options.map((option, number) => (
              <option key={option.id} value={`${step.id} ${option.id}`}>
                {nameOfStep(step, place)}: {option.name || tr('option {number}', { number: number + 1 })}
              </option>
            ))}
          </optgroup>
        ))}
      </select>
      {children}
      <FaultText id={id}>{fault}</FaultText>
    </div>
  )
}
