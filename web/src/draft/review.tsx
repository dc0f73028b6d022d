// The review: one record at a time, its claim beside the passage that it cites, and what a person decides of it.

import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { file, openFile } from '../crisis'
import { useAsking } from '../parts/asking'
import { Working } from '../parts/working'
import { remember } from '../remember'
import { part, sayError } from '../session'
import { tr, trn } from '../texts'
import { leaves } from '../write/files'
import { Changing } from './changing'
import { DraftHead, Told } from './about'
import { ClaimSide, PassageSide } from './record'
import { decide, fallsWith, records, undo, type Falling, type Reviewed, type ReviewRecord, type Verdict } from './reviewing'
import { showEndings, type DraftState, type Standing } from './state'

type Doing = 'reading' | 'changing' | 'rejecting'

const DONE: Record<Verdict, string> = {
  accepted: tr('Accepted.'), changed: tr('Changed.'), rejected: tr('Rejected.'),
  'not said': tr('Now ours: the quote does not say it.'),
}
const VERDICTS: Record<Verdict, string> = {
  accepted: tr('accepted'), changed: tr('changed'), rejected: tr('rejected'), 'not said': tr('not said'),
}

export function Review({ state }: { state: DraftState }) {
  const [walk, setWalk] = useState<Reviewed | null>(null)
  const [at, setAt] = useState<string | null>(null)
  const [been, setBeen] = useState<string[]>([])
  const [doing, setDoing] = useState<Doing>('reading')
  const [said, tell] = useState('')
  const [falling, setFalling] = useState<Falling | null>(null)
  const [by, setBy] = useState(() => localStorage.getItem(NAME) ?? '')
  const loading = useAsking<Reviewed>()
  const deciding = useAsking<Reviewed>()
  const place = useRef<HTMLElement>(null)
  const name = useRef<HTMLInputElement>(null)
  const asked = useRef<HTMLDivElement>(null)

  useEffect(() => {
    void loading.ask((signal) => records(state.folder, signal)).then((found) => {
      if (!found) return
      if (found.crisis !== null && file.peek()?.path !== found.crisis && !file.peek()?.dirty) void openFile(found.crisis).catch(sayError)
      setWalk(found)
      setAt(firstUnread(found.records))
    })
  }, [state.folder])
  useEffect(() => remember(NAME, by), [by])
  useEffect(() => place.current?.focus(), [at])
  useEffect(() => { if (doing === 'rejecting') asked.current?.focus() }, [doing]) // not its button: what falls is read first

  if (!walk) return <Working asked={loading} what={tr('Weighing the assumptions')} />
  if (!walk.records.length) return <><DraftHead state={state} /><p class="refused">{state.outcome}</p><Told state={state} /></>
  const record = walk.records.find(({ id }) => id === at) ?? null
  const { read, total } = walk.standing
  const all = total > 0 && read >= total

  function go(id: string | null): void {
    if (at !== null) setBeen([...been, at])
    setDoing('reading')
    setAt(id)
  }

  function named(): boolean {
    if (by.trim()) return true
    tell(NAMELESS)
    name.current?.focus()
    return false
  }

  async function settle(verdict: Verdict, change: Record<string, string> = {}, stillQuoted = false): Promise<void> {
    if (!record || deciding.since !== null || !named()) return
    const after = following(walk!.records, record.id)
    const { folder } = state
    const decision = { folder, record: record.id, seen: record.seen, verdict, by: by.trim(), change, still_quoted: stillQuoted }
    const found = await deciding.ask(() => decide(decision, walk!))
    if (!found) return
    setWalk(found)
    tell(`${DONE[verdict]} ${readSoFar(found.standing)}`)
    setBeen([...been, record.id])
    setDoing('reading')
    setAt(found.records.some(({ id }) => id === after) ? after : firstUnread(found.records))
  }

  async function reject(): Promise<void> {
    if (!record || !named()) return
    try {
      const found = await fallsWith(state.folder, record.id)
      setFalling(found)
      if (found.falls.length || found.idle) setDoing('rejecting')
      else await settle('rejected')
    } catch (error) {
      sayError(error)
    }
  }

  function skip(): void {
    if (record) go(following(walk!.records, record.id) ?? record.id)
  }

  function back(): void {
    const last = been.filter((id) => walk!.records.some((each) => each.id === id)).at(-1)
    if (last === undefined) return
    setBeen(been.slice(0, been.lastIndexOf(last)))
    setDoing('reading')
    setAt(last)
  }

  async function takeBack(): Promise<void> {
    if (!named()) return
    try {
      const found = await undo(state.folder, by.trim(), walk!)
      setWalk(found)
      setDoing('reading')
      setAt(found.undone)
      tell(`${tr('Taken back.')} ${readSoFar(found.standing)}`)
    } catch (error) {
      sayError(error)
    }
  }

  async function toEndings(): Promise<void> {
    if (!walk?.crisis || !leaves()) return
    try {
      await openFile(walk.crisis)
      showEndings(walk.crisis)
      part.value = 'see'
    } catch (error) {
      sayError(error)
    }
  }

  function keepIt(): void {
    setDoing('reading')
    place.current?.focus()
  }

  const keys: Record<string, () => void> = {
    a: () => void settle('accepted'), c: () => setDoing('changing'), r: () => void reject(), n: () => { if (record?.passage) void settle('not said') },
    s: skip, b: back, u: () => void takeBack(),
  }
  function pressed(event: KeyboardEvent): void {
    if (event.key === 'Escape' && doing !== 'reading') return keepIt()
    if (event.ctrlKey || event.metaKey || event.altKey || doing !== 'reading') return
    const found = keys[event.key.toLowerCase()]
    if (!found || (!record && !'bu'.includes(event.key))) return
    event.preventDefault()
    found()
  }

  return (
    <>
      <DraftHead state={state} />
      <p class="is-draft">
        {state.model
          ? tr('A draft: {model} proposed it from one document.', { model: state.model })
          : tr('A draft: a language model proposed it from one document.')}{' '}
        {tr('That a quote stands in the document is checked; that it supports the claim is for you to say.')}
      </p>
      <div class="reading-head">
        <div class="progress">
          <progress value={read} max={Math.max(1, total)} aria-label={tr('Assumptions read')} />
          <span>{tr('{read} of {total} read', { read, total })}</span>
        </div>
        <label class="by">
          <span>{tr('Your name')}</span>
          <input value={by} ref={name} maxLength={100} autocomplete="name" onInput={(event) => setBy(event.currentTarget.value)} />
        </label>
      </div>
      {walk.faults.length > 0 && (
        <div class="refused" role="alert">
          <p>
            {read > 0
              ? tr('The crisis file has mistakes as it stands now; Undo takes the last decision back:')
              : tr('The crisis file has mistakes as it stands now:')}
          </p>
          <ul>{walk.faults.map((fault, number) => <li key={number}>{fault}</li>)}</ul>
        </div>
      )}
      <p class="sr" role="status">{said}</p>
      {said === NAMELESS && <p class="warn">{said}</p>}
      <section class="record" tabIndex={-1} ref={place} onKeyDown={pressed}
        aria-label={record ? `${record.kind}: ${record.claim}` : tr('All is read')}>
        {record ? (
          <>
            <div class="claim-and-passage">
              <ClaimSide record={record} />
              <PassageSide record={record} document={state.document.name} />
            </div>
            {doing === 'changing' && (
              <Changing key={record.id} record={record} give={(change, stillQuoted) => void settle('changed', change, stillQuoted)}
                leave={keepIt} />
            )}
            {doing === 'rejecting' && falling && (
              <div class="refused" role="alertdialog" aria-label={tr('What else falls')} tabIndex={-1} ref={asked}>
                {falling.falls.length > 0 && (
                  <>
                    <p>{trn('Without it this falls too:', 'Without it these {count} fall too:', falling.falls.length)}</p>
                    <ul>{falling.falls.map((words, number) => <li key={number}>{words}</li>)}</ul>
                  </>
                )}
                {falling.idle && <p>{falling.idle}</p>}
                <div class="buttons">
                  <button type="button" class="main" onClick={() => void settle('rejected')}>
                    {falling.falls.length ? tr('Reject all {count}', { count: falling.falls.length + 1 }) : tr('Reject it')}
                  </button>
                  <button type="button" onClick={keepIt}>{tr('Keep it')}</button>
                </div>
              </div>
            )}
            {doing === 'reading' && (
              <div class="buttons verdicts">
                <Key name="a" main act={keys['a']!}>{tr('Accept')}</Key>
                <Key name="c" act={keys['c']!}>{tr('Change')}</Key>
                <Key name="r" act={keys['r']!}>{tr('Reject')}</Key>
                {record.passage && <Key name="n" act={keys['n']!}>{tr('The quote does not say it')}</Key>}
                <Key name="s" act={skip}>{tr('Skip')}</Key>
              </div>
            )}
          </>
        ) : (
          <AllRead all={all} />
        )}
        <div class="buttons steps-back">
          <Key name="b" act={back} off={been.length === 0}>{tr('Back')}</Key>
          <Key name="u" act={keys['u']!}>{tr('Undo')}</Key>
        </div>
        <Working asked={deciding} what={tr('Writing it down')} />
      </section>
      <p class="after-walk">
        <button type="button" class={all ? 'main' : ''} onClick={() => void toEndings()}>
          {all ? tr('See the endings') : tr('Show the endings now')}
        </button>{' '}
        {!all && (
          <span class="note">{tr('They stay hidden until all is read, so that they do not sway what you accept.')}</span>
        )}
      </p>
      <Listed walk={walk} at={at} go={go} />
      <Told state={state} />
    </>
  )
}

const NAME = 'offramp-reviewer'
const NAMELESS = tr('Give your name first: it stands beside each decision.')

function Key({ name, main, off, act, children }: {
  name: string
  main?: boolean
  off?: boolean
  act: () => void
  children: ComponentChildren
}) {
  return (
    <button type="button" class={main ? 'main' : ''} aria-keyshortcuts={name.toUpperCase()} disabled={off} onClick={act}>
      {children} <kbd aria-hidden="true">{name.toUpperCase()}</kbd>
    </button>
  )
}

function AllRead({ all }: { all: boolean }) {
  return all
    ? (
      <p>
        <b>{tr('All is read.')}</b>{' '}
        {tr('The crisis file holds what you decided. It is still a model of one document, and no forecast.')}
      </p>
    )
    : <p>{tr('That was the last one. What you skipped stands in the list below.')}</p>
}

/** All records, to go to any. */
function Listed({ walk, at, go }: { walk: Reviewed; at: string | null; go: (id: string) => void }) {
  return (
    <details class="all-records">
      <summary>{tr('All records: {order}', { order: walk.order })}</summary>
      <ol>
        {walk.records.map((record) => (
          <li key={record.id} aria-current={record.id === at ? 'true' : undefined}>
            <button type="button" class="link" onClick={() => go(record.id)}>{record.kind}: {record.claim}</button>{' '}
            <small>{standsSo(record)}</small>
          </li>
        ))}
      </ol>
    </details>
  )
}

function readSoFar({ read, total }: Standing): string {
  return tr('{read} of {total} read.', { read, total })
}

/** What has become of a record, for the list of all. */
function standsSo({ decision, changed, flags }: ReviewRecord): string {
  const said = [decision ? VERDICTS[decision.verdict] : tr('not read')]
  if (changed) said.push(tr('changed after a solve'))
  if (flags.length) said.push(tr('flagged'))
  return said.join(', ')
}

function firstUnread(all: ReviewRecord[]): string | null {
  return all.find(({ decision }) => decision === null)?.id ?? null
}

/** The next record that is not read, after a record and then from the beginning; null if there is no other. */
function following(all: ReviewRecord[], id: string): string | null {
  const from = all.findIndex((record) => record.id === id)
  const others = [...all.slice(from + 1), ...all.slice(0, Math.max(0, from))]
  return firstUnread(others)
}
