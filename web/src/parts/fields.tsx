// The fields of the forms: each with its label, a hint where one helps, and values as the server wants them.

import type { ComponentChildren } from 'preact'
import { useId } from 'preact/hooks'

interface Common {
  label: string
  hint?: string
}

export function Choice({ label, hint, value, set, options }: Common & {
  value: string
  set: (value: string) => void
  options: (readonly [value: string, label: string])[]
}) {
  const id = useId()
  return (
    <Labelled id={id} label={label} hint={hint}>
      <select id={id} value={value} aria-describedby={hint && `${id}-hint`}
        onChange={(event) => set(event.currentTarget.value)}>
        {options.map(([key, words]) => (
          <option key={key} value={key}>
            {words}
          </option>
        ))}
      </select>
    </Labelled>
  )
}

export function Entry({ label, hint, value, set, kind = 'text', suggested, ...bounds }: Common & {
  value: string
  set: (value: string) => void
  kind?: 'text' | 'number' | 'date'
  suggested?: readonly (string | number)[]
  min?: number
  max?: number
  step?: number | 'any'
  required?: boolean
  maxLength?: number
  placeholder?: string
}) {
  const id = useId()
  return (
    <Labelled id={id} label={label} hint={hint}>
      <input id={id} type={kind} value={value} aria-describedby={hint && `${id}-hint`} autocomplete="off"
        {...bounds} {...(suggested ? { list: `${id}-list` } : {})}
        onInput={(event) => set(event.currentTarget.value)} />
      {suggested && (
        <datalist id={`${id}-list`}>
          {suggested.map((each) => (
            <option key={each} value={each} />
          ))}
        </datalist>
      )}
    </Labelled>
  )
}

function Labelled({ id, label, hint, children }: {
  id: string
  label: string
  hint: string | undefined
  children: ComponentChildren
}) {
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children}
      {hint && (
        <small id={`${id}-hint`}>{hint}</small>
      )}
    </div>
  )
}

/** A number from a field, or nothing where it is left empty. */
export function numberIn(text: string): number | undefined {
  const value = text.trim() === '' ? NaN : Number(text)
  return Number.isFinite(value) ? value : undefined
}
