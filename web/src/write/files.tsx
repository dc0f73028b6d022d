// The files menu: open a crisis of the folder or one that came with Offramp, begin a new one; save under another name.

import { useEffect, useState } from 'preact/hooks'
import { get } from '../api'
import { file, isShipped, openFile, openText, savedAs, SHIPPED } from '../crisis'
import { part, say, sayError } from '../session'
import { openDraft } from '../draft/state'
import { Menu } from '../menu'
import { forming } from '../new/kept'
import { tr } from '../texts'
import { dropDraft } from './drafts'

interface Files {
  folder: string
  files: { path: string; title: string | null; bytes: number; modified: string }[]
  shipped: { path: string; title: string; summary: string | null }[]
  templates: { path: string; name: string; says: string }[]
}

export function FilesMenu() {
  return (
    <Menu name={tr('File')} class="files">
      {(close) => <FilesList close={close} />}
    </Menu>
  )
}

function FilesList({ close }: { close: () => void }) {
  const [known, setKnown] = useState<Files | null>(null)
  const [template, setTemplate] = useState(0)
  useEffect(() => {
    get<Files>('/api/files').then(setKnown, sayError)
  }, [])
  const opened = file.value

  async function open(path: string): Promise<void> {
    if (!leaves()) return
    try {
      await openFile(path)
      close()
    } catch (error) {
      sayError(error)
    }
  }

  async function begin(path: string): Promise<void> {
    if (!leaves()) return
    const name = yamlName(path)
    if (known?.files.some((one) => one.path === name)) {
      say(tr('There is a file {file} already: give the new one another name.', { file: name }), 'error')
      return
    }
    try {
      const { text } = await get<{ text: string }>('/api/file', { path: templates[template]!.path })
      openText(name, text, null, true)
      part.value = 'write'
      close()
      say(tr('{file} is on the page; save it to keep it.', { file: name }))
    } catch (error) {
      sayError(error)
    }
  }

  const templates = known?.templates ?? []
  const free = freeName(known?.files.map((one) => one.path) ?? [])
  return (
    <>
      <h2>{known ? tr('In {folder}', { folder: known.folder }) : tr('In this folder')}</h2>
      <Entries entries={known?.files ?? []} current={opened?.path} open={open} none={tr('No crisis files yet.')} />
      <h2>{tr('Came with Offramp')}</h2>
      <Entries entries={known?.shipped ?? []} current={opened?.path} open={open} none={tr('None.')} />
      {templates.length > 0 && (
        <>
          <h2>{tr('A new one')}</h2>
          <p>
            <button type="button" class="main" onClick={() => { close(); forming.value = true }}>
              {tr('Answer a few questions')}
            </button>{' '}
            <span class="note">{tr('and the file is written for you')}</span>
          </p>
          <p>
            <button type="button" onClick={() => { close(); openDraft(null) }}>{tr('From a document')}</button>{' '}
            <span class="note">{tr('that a language model reads, and you review')}</span>
          </p>
          <label class="wide">
            <span>{tr('Or from the template')}</span>
            <select value={template} onChange={(event) => setTemplate(event.currentTarget.selectedIndex)}>
              {templates.map((one, number) => <option key={one.path} value={number}>{one.name}</option>)}
            </select>
          </label>
          <p class="note">{templates[template]!.says}</p>
          <Named label={tr('New file')} value={free} action={tr('New')} take={begin} />
        </>
      )}
      {opened && (
        <Named label={isShipped(opened.path) ? tr('Save a copy of your own as') : tr('Save as')} action={tr('Save as')}
          value={isShipped(opened.path) ? `${opened.path.slice(SHIPPED.length)}.yaml` : opened.path}
          take={async (name) => {
            const path = yamlName(name)
            if (!(await savedAs(path, path === opened.path ? opened.savedSha : null))) return
            dropDraft(opened.path)
            close()
          }} />
      )}
    </>
  )
}

export function leaves(): boolean {
  return !file.peek()?.dirty || window.confirm(tr('Leave this file? What is not saved stays in this browser as a draft.'))
}

export function yamlName(name: string): string {
  return /\.ya?ml$/.test(name) ? name : `${name}.yaml`
}

function freeName(taken: string[]): string {
  let number = 1
  while (taken.includes(`crisis-${number}.yaml`)) number += 1
  return `crisis-${number}.yaml`
}

interface Entry {
  path: string
  title: string | null
}

function Entries({ entries, current, open, none }: {
  entries: Entry[]
  current: string | undefined
  open: (path: string) => Promise<void>
  none: string
}) {
  if (!entries.length) return <p class="note">{none}</p>
  return (
    <ul class="entries">
      {entries.map((entry) => (
        <li key={entry.path}>
          <button type="button" class="plain" aria-current={entry.path === current ? 'true' : undefined}
            onClick={() => void open(entry.path)}>
            <strong>{entry.title ?? entry.path}</strong>
            <small>{entry.path}</small>
          </button>
        </li>
      ))}
    </ul>
  )
}

function Named({ label, value, action, take }: {
  label: string
  value: string
  action: string
  take: (name: string) => Promise<void>
}) {
  const [name, setName] = useState<string | null>(null)
  return (
    <form class="named" onSubmit={(event) => { event.preventDefault(); void take((name ?? value).trim()) }}>
      <label>
        <span>{label}</span>
        <input value={name ?? value} required spellcheck={false} onInput={(event) => setName(event.currentTarget.value)} />
      </label>
      <button type="submit">{action}</button>
    </form>
  )
}
