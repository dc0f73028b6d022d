// The catalogue of texts: what the page says, so that a translation is a file. A text is looked up by its English
// wording; the server puts the translation into the page, if there is one.

import type { ComponentChildren } from 'preact'

interface Catalogue {
  texts: Record<string, string | string[]>
  /** The plural form of each count below 200; of a larger count it is that of 100 plus its last two digits. */
  forms: number[]
}

type Values = Record<string, string | number>

const VALUE = /\{(\w+)\}/
const written = typeof document === 'undefined' ? null : document.getElementById('catalogue')?.textContent
const catalogue: Catalogue = written ? JSON.parse(written) : { texts: {}, forms: [] }
const texts = new Map(Object.entries(catalogue.texts))

/** A text in the language of the catalogue, with each `{name}` replaced by the value of that name. */
export function tr(message: string, values: Values = {}): string {
  return woven(message, values).join('')
}

/** A text that depends on a count, in the plural form that the language has for it; `{count}` is the count. */
export function trn(one: string, many: string, count: number, values: Values = {}): string {
  return pieces(plural(one, many, count), { count: count.toLocaleString('en'), ...values }).join('')
}

/** As `tr`, for a text with elements in it. */
export function woven<Value extends ComponentChildren>(message: string, values: Record<string, Value>): (Value | string)[] {
  const found = texts.get(message)
  return pieces(typeof found === 'string' ? found : message, values)
}

function plural(one: string, many: string, count: number): string {
  const found = texts.get(one)
  const form = catalogue.forms[count < 200 ? count : 100 + (count % 100)]
  return (Array.isArray(found) && form !== undefined ? found[form] : undefined) ?? (count === 1 ? one : many)
}

/** The message cut at its `{name}`s, each replaced by its value; a name without a value stays. */
function pieces<Value>(message: string, values: Record<string, Value>): (Value | string)[] {
  return message.split(VALUE).map((piece, place) =>
    place % 2 === 0 ? piece : Object.hasOwn(values, piece) ? values[piece] as Value : `{${piece}}`)
}
