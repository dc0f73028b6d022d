// The open crisis: the file in the editor, the checker's findings, and the model.
// Text here always has "\n" for line ends, so that offsets match the editor's; the file keeps its own on disk.

import { batch, computed, effect, signal } from '@preact/signals'
import { get, isAbort, post, put, Refused } from './api'
import { nameIn, optionIn, type Model, type Names, type Setting } from './model'
import { say, sayError } from './session'
import { BARE, fitting, now, set, setTo, takeBack } from './setting'
import { tr } from './texts'

export interface OpenFile {
  path: string
  text: string
  savedText: string
  savedSha: string | null
  eol: '\n' | '\r\n'
  dirty: boolean
  writable: boolean
  /** How much a person has read, in words, if it is a draft that is not read whole. */
  draft: string | null
}

export interface Fault {
  line: number
  column: number
  from: number
  to: number
  severity: 'error' | 'warning'
  message: string
}

export interface Checked {
  path: string
  text: string
  ok: boolean
  faults: Fault[]
}

/** The version on disk, if it differs from the one that was opened; `text` is null until it has been read. */
export interface Conflict {
  sha: string | null
  text: string | null
}

export const file = signal<OpenFile | null>(null)
export const checked = signal<Checked | null>(null)
/** Signs that the crisis of a text is degenerate; they are found by solving it, after its endings. */
export const signs = signal<{ path: string; text: string; faults: Fault[] } | null>(null)
/** All that is said of the checked text: mistakes, warnings and signs. */
export const faults = computed<Fault[]>(() => {
  const said = checked.value
  const found = signs.value
  const more = said?.ok && found && said.text === found.text && said.path === found.path ? found.faults : []
  return [...(said?.faults ?? []), ...more]
})
/** The model of the last text without errors; null until there was one. */
export const model = signal<Model | null>(null)
export const conflict = signal<Conflict | null>(null)
/** The text that `model` was made of. */
const modelText = signal<{ path: string; text: string } | null>(null)

/** Whether the solved text is the one in the editor: false while it has mistakes, or is not checked yet. */
export const fits = computed(
  () => modelText.value !== null && modelText.value.text === file.value?.text && modelText.value.path === file.value.path,
)

/** The model is older than the file because the file has mistakes. */
export const broken = computed(() => {
  const said = checked.value
  return said !== null && !said.ok && said.text === file.value?.text
})

/** The scenario of every solve: the last text without errors, and what is varied. Null before the first. */
export const setting = computed<Setting | null>(() => {
  const base = modelText.value
  return base && { ...base, ...set.value }
})

/** The name of a part of the open crisis, by its key. */
export function nameOf(kind: Exclude<keyof Names, 'options'>, key: string): string {
  return nameIn(model.value, kind, key)
}

/** The name of an option of a step of the open crisis. */
export function optionOf(step: string, option: string): string {
  return optionIn(model.value, step, option)
}

export const SHIPPED = 'shipped:'

export function isShipped(path: string): boolean {
  return path.startsWith(SHIPPED)
}

/** A new file that has not been saved yet. */
export function isNew(opened: OpenFile): boolean {
  return opened.savedSha === null && !isShipped(opened.path)
}

/** Called by the editor for every change of the text. */
export function textIs(text: string): void {
  const opened = file.value
  if (opened && opened.text !== text) file.value = { ...opened, text, dirty: isNew(opened) || text !== opened.savedText }
}

let arriving: { text: string; position: string } | null = null

/** The text now has an event at a position: once it is checked, the crisis is shown as of its last event. */
export function eventIs(text: string, position: string): void {
  arriving = { text, position }
  textIs(text)
}

export function lineEnds(text: string): '\n' | '\r\n' {
  return text.includes('\r\n') ? '\r\n' : '\n'
}

export function plainEnds(text: string): string {
  return text.replaceAll(/\r\n?/g, '\n')
}

export function onDisk(opened: OpenFile): string {
  return opened.text.replaceAll('\n', opened.eol)
}

/** A crisis that came with Offramp as a file of its own: without the line that names the schema beside the others. */
export function standingAlone(text: string): string {
  return text.replace(/^# yaml-language-server: \$schema=\.\.\/.*\n(#\n)?/, '')
}

/** Opens another file. */
export function openText(path: string, raw: string, sha: string | null, writable: boolean, draft: string | null = null): void {
  const text = plainEnds(raw)
  batch(() => {
    const another = file.value?.path !== path
    if (another) {
      setTo(BARE)
      model.value = null
      modelText.value = null
    }
    checked.value = null
    conflict.value = null
    file.value = {
      path, text, savedText: sha === null ? '' : text, savedSha: sha, eol: lineEnds(raw),
      dirty: sha === null, writable, draft,
    }
  })
}

export async function openFile(path: string): Promise<void> {
  const found = await get<{ path: string; text: string; sha: string; writable: boolean; draft?: string }>('/api/file', { path })
  openText(found.path, found.text, found.sha, found.writable, found.draft)
}

/** Writes the file, whole or not at all; true if it is on disk. If the disk has another version, `conflict` is set. */
export async function saveFile(): Promise<boolean> {
  const opened = file.value
  if (!opened) return false
  if (!opened.writable) {
    say(tr('This crisis came with Offramp and stays as it is. Save a copy of your own: File, then "Save as".'), 'error')
    return false
  }
  return savedAs(opened.path, opened.savedSha)
}

/** Saves under a name; `was` is the version on disk that may be replaced, null for none. */
export async function savedAs(path: string, was: string | null): Promise<boolean> {
  const opened = file.value
  if (!opened) return false
  const own = isShipped(opened.path) ? standingAlone : (text: string) => text
  const text = own(opened.text)
  try {
    const answer = await put<{ path: string; sha: string }>('/api/file', { path, text: onDisk({ ...opened, text }), was })
    const now = file.value ?? opened
    const shown = own(now.text)
    conflict.value = null
    if (shown !== now.text) file.value = { ...now, text: shown } // under the old name, so that the editor keeps what can be undone
    file.value = {
      ...now, text: shown, path: answer.path, savedText: text, savedSha: answer.sha, dirty: shown !== text, writable: true,
    }
    say(tr('Saved {file}.', { file: answer.path }))
    return true
  } catch (error) {
    if (error instanceof Refused && error.status === 409 && 'sha' in error.body) {
      const { sha, text: theirs } = error.body as { sha: string | null; text: string | null }
      conflict.value = { sha, text: theirs === null ? null : plainEnds(theirs) }
    } else {
      sayError(error)
    }
    return false
  }
}

const WAIT = 150
let waiting: number | undefined
let checking: AbortController | null = null

// the text is checked after every change; an answer to an older text is dropped
effect(() => {
  const opened = file.value
  const text = opened?.text
  const path = opened?.path
  window.clearTimeout(waiting)
  if (text === undefined || path === undefined) return
  const said = checked.peek()
  if (said && said.text === text && said.path === path) return
  waiting = window.setTimeout(() => void check(path, text), said === null ? 0 : WAIT)
})

async function check(path: string, text: string): Promise<void> {
  checking?.abort()
  const mine = (checking = new AbortController())
  try {
    const said = await post<{ ok: boolean; faults: Fault[]; model: Model | null }>('/api/check', { path, text }, mine.signal)
    if (file.value?.text !== text || file.value.path !== path) return
    batch(() => {
      checked.value = { path, text, ok: said.ok, faults: said.faults }
      if (!said.model) return
      keepKnown(said.model)
      if (arriving?.text === text) {
        now.value = true
        takeBack(arriving.position)
        arriving = null
      }
      model.value = said.model
      modelText.value = { path, text }
    })
  } catch (error) {
    if (!isAbort(error) && file.value?.text === text) {
      const message = error instanceof Error ? error.message : String(error)
      checked.value = {
        path, text, ok: false, faults: [{ line: 1, column: 1, from: 0, to: 0, severity: 'error', message }],
      }
    }
  }
}

/** Removes what is varied and supposed of parts that are no longer in the file, so that no solve uses it. */
function keepKnown(found: Model): void {
  const { scenario, gone } = fitting(found, set.peek())
  if (gone.length) setTo(scenario)
}
