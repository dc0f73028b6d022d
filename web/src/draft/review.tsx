// The review: one record at a time, its claim beside the passage that it cites, and what a person decides of it.

import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { file, openFile } from '../crisis'
import { useAsking } from '../parts/asking'
import { Working } from '../parts/working'
import { remember } from '../remember'
import { part, sayError } from '../session'
import { leaves } from '../write/files'
import { Changing } from './changing'
import { DraftHead, Told } from './about'
import { ClaimSide, PassageSide } from './record'
import { decide, fallsWith, records, undo, type Falling, type Reviewed, type ReviewRecord, type Verdict } from './reviewing'
import { showEndings, type DraftState } from './state'

type Doing = 'reading' | 'changing' | 'rejecting'

const DONE: Record<Verdict, string> = {
  accepted: 'Accepted.', changed: 'Changed.', rejected: 'Rejected.', 'not said': 'Now ours: the quote does not say it.',
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

  if (!walk) return <Working asked={loading} what="Weighing the assumptions" />
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
    tell(`${DONE[verdict]} ${found.standing.read} of ${found.standing.total} read.`)
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
      tell(`Taken back. ${found.standing.read} of ${found.standing.total} read.`)
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
        A draft: {state.model || 'a language model'} proposed it from one document. That a quote stands in the document is checked; that it
        supports the claim is for you to say.
      </p>
      <div class="reading-head">
        <div class="progress">
          <progress value={read} max={Math.max(1, total)} aria-label="Assumptions read" />
          <span>{read} of {total} read</span>
        </div>
        <label class="by">
          <span>Your name</span>
          <input value={by} ref={name} maxLength={100} autocomplete="name" onInput={(event) => setBy(event.currentTarget.value)} />
        </label>
      </div>
      {walk.faults.length > 0 && (
        <div class="refused" role="alert">
          <p>The crisis file has mistakes as it stands now{read > 0 ? '; Undo takes the last decision back' : ''}:</p>
          <ul>{walk.faults.map((fault, number) => <li key={number}>{fault}</li>)}</ul>
        </div>
      )}
      <p class="sr" role="status">{said}</p>
      {said === NAMELESS && <p class="warn">{said}</p>}
      <section class="record" tabIndex={-1} ref={place} aria-label={record ? `${record.kind}: ${record.claim}` : 'All is read'} onKeyDown={pressed}>
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
              <div class="refused" role="alertdialog" aria-label="What else falls" tabIndex={-1} ref={asked}>
                {falling.falls.length > 0 && (
                  <>
                    <p>Without it {falling.falls.length === 1 ? 'this falls too' : `these ${falling.falls.length} fall too`}:</p>
                    <ul>{falling.falls.map((words, number) => <li key={number}>{words}</li>)}</ul>
                  </>
                )}
                {falling.idle && <p>{falling.idle}</p>}
                <div class="buttons">
                  <button type="button" class="main" onClick={() => void settle('rejected')}>
                    {falling.falls.length ? `Reject all ${falling.falls.length + 1}` : 'Reject it'}
                  </button>
                  <button type="button" onClick={keepIt}>Keep it</button>
                </div>
              </div>
            )}
            {doing === 'reading' && (
              <div class="buttons verdicts">
                <Key name="a" main act={keys['a']!}>Accept</Key>
                <Key name="c" act={keys['c']!}>Change</Key>
                <Key name="r" act={keys['r']!}>Reject</Key>
                {record.passage && <Key name="n" act={keys['n']!}>The quote does not say it</Key>}
                <Key name="s" act={skip}>Skip</Key>
              </div>
            )}
          </>
        ) : (
          <AllRead all={all} />
        )}
        <div class="buttons steps-back">
          <Key name="b" act={back} off={been.length === 0}>Back</Key>
          <Key name="u" act={keys['u']!}>Undo</Key>
        </div>
        <Working asked={deciding} what="Writing it down" />
      </section>
      <p class="after-walk">
        <button type="button" class={all ? 'main' : ''} onClick={() => void toEndings()}>
          {all ? 'See the endings' : 'Show the endings now'}
        </button>{' '}
        {!all && <span class="note">They stay hidden until all is read, so that they do not sway what you accept.</span>}
      </p>
      <Listed walk={walk} at={at} go={go} />
      <Told state={state} />
    </>
  )
}

const NAME = 'offramp-reviewer'
const NAMELESS = 'Give your name first: it stands beside each decision.'

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
    ? <p><b>All is read.</b> The crisis file holds what you decided. It is still a model of one document, and no forecast.</p>
    : <p>That was the last one. What you skipped stands in the list below.</p>
}

/** All records, to go to any. */
function Listed({ walk, at, go }: { walk: Reviewed; at: string | null; go: (id: string) => void }) {
  return (
    <details class="all-records">
      <summary>All records: {walk.order}</summary>
      <ol>
        {walk.records.map((record) => (
          <li key={record.id} aria-current={record.id === at ? 'true' : undefined}>
            <button type="button" class="link" onClick={() => go(record.id)}>{record.kind}: {record.claim}</button>{' '}
            <small>{record.decision ? record.decision.verdict : 'not read'}{record.changed ? ', changed after a solve' : ''}{record.flags.length ? ', flagged' : ''}</small>
          </li>
        ))}
      </ol>
    </details>
  )
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
