// Decisions about the file: it has changed on disk, or there is a draft that was never saved.

import { useState } from 'preact/hooks'
import { get } from '../api'
import { conflict, file, openText, plainEnds, saveFile, savedAs, textIs } from '../crisis'
import { say, sayError } from '../session'
import { tr } from '../texts'
import { dropDraft, found } from './drafts'

export function Decisions() {
  return (
    <>
      {found.value && <DraftFound />}
      {conflict.value && <ChangedOnDisk />}
    </>
  )
}

function DraftFound() {
  const [both, showBoth] = useState(false)
  const draft = found.value
  const opened = file.value
  if (!draft || !opened) return null
  return (
    <section class="decision" aria-label={tr('A draft was found')}>
      <p role="status">
        {told(opened.path, draft.at)}
      </p>
      <p class="choices">
        <button type="button" class="main" onClick={() => { found.value = null; textIs(draft.text) }}>
          {tr('Take the draft')}
        </button>
        <button type="button" onClick={() => dropDraft(opened.path)}>{tr('Drop it')}</button>
        <button type="button" aria-expanded={both} onClick={() => showBoth(!both)}>{tr('Show both')}</button>
      </p>
      {both && <Both one={[tr('The draft'), draft.text]} other={[tr('The file'), opened.text]} />}
    </section>
  )
}

function ChangedOnDisk() {
  const [both, showBoth] = useState(false)
  const theirs = conflict.value
  const opened = file.value
  if (!theirs || !opened) return null
  async function read(): Promise<{ text: string; sha: string } | null> {
    try {
      return await get<{ text: string; sha: string }>('/api/file', { path: opened!.path })
    } catch (error) {
      sayError(error)
      return null
    }
  }
  async function takeTheirs(): Promise<void> {
    const now = await read()
    if (!now) return
    dropDraft(opened!.path)
    openText(opened!.path, now.text, now.sha, true)
    say(tr('Took {file} as it is on disk.', { file: opened!.path }))
  }
  async function show(): Promise<void> {
    if (!both) {
      const now = await read()
      if (!now) return
      conflict.value = { sha: now.sha, text: plainEnds(now.text) }
    }
    showBoth(!both)
  }
  return (
    <section class="decision" aria-label={tr('The file has changed on disk')}>
      <p role="alert">
        {theirs.sha === null
          ? tr('{file} is no longer on disk.', { file: opened.path })
          : tr('{file} has been changed on disk since it was opened here.', { file: opened.path })}
        {opened.dirty && ` ${tr('You have changes of your own that are not saved.')}`}
      </p>
      <p class="choices">
        <button type="button" class={opened.dirty ? 'main' : ''} onClick={() => void savedAs(opened.path, theirs.sha)}>
          {tr('Keep mine')}
        </button>
        {theirs.sha !== null && (
          <>
            <button type="button" class={opened.dirty ? '' : 'main'} onClick={() => void takeTheirs()}>
              {tr("Take the disk's")}
            </button>
            <button type="button" aria-expanded={both} onClick={() => void show()}>{tr('Show both')}</button>
          </>
        )}
      </p>
      <p class="note">
        {tr('"Keep mine" writes what stands here over what is on disk; "Take the disk\'s" drops your changes.')}
      </p>
      {both && theirs.text !== null && <Both one={[tr('Here'), opened.text]} other={[tr('On disk'), theirs.text]} />}
    </section>
  )
}

/** Two texts side by side, from the first line that differs to the last. */
function Both({ one, other }: { one: [string, string]; other: [string, string] }) {
  const mine = one[1].split('\n')
  const theirs = other[1].split('\n')
  const most = Math.min(mine.length, theirs.length)
  let head = 0
  while (head < most && mine[head] === theirs[head]) head += 1
  let tail = 0
  while (tail < most - head && mine[mine.length - 1 - tail] === theirs[theirs.length - 1 - tail]) tail += 1
  const sides: [string, string[]][] = [[one[0], mine], [other[0], theirs]]
  return (
    <div class="both">
      {sides.map(([name, lines]) => (
        <div key={name}>
          <h3>{tr('{version}: from line {line}', { version: name, line: head + 1 })}</h3>
          <pre tabIndex={0} aria-label={tr('{version}, the lines that differ', { version: name })}>
            {lines.slice(head, lines.length - tail).join('\n') || tr('(nothing here)')}
          </pre>
        </div>
      ))}
    </div>
  )
}

function told(path: string, at: string): string {
  const date = new Date(at)
  return Number.isNaN(date.getTime())
    ? tr('This browser holds a draft of {file} that was never saved, last changed some time ago.', { file: path })
    : tr('This browser holds a draft of {file} that was never saved, last changed {when}.', { file: path, when: date.toLocaleString() })
}

export async function saveOrSay(): Promise<void> {
  if (found.peek()) found.value = null
  await saveFile()
}
