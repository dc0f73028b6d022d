// A new draft: a document is pasted or dropped, read by the server, looked at, and begun in a folder.

import { useEffect, useState } from 'preact/hooks'
import { get, post } from '../api'
import { useAsking } from '../parts/asking'
import { Entry } from '../parts/fields'
import { Working } from '../parts/working'
import { remember, remembered } from '../remember'
import { hello, part, say, sayError } from '../session'
import { tr, trn, woven } from '../texts'
import { Suspicious } from './about'
import { openDraft, type DocumentRead, type DraftState } from './state'

/** A document as it is sent: a file's bytes in base64, or a text that was pasted. */
interface Sent {
  name: string
  content: string
}

interface Kept {
  text: string
  folder: string
  as_of: string
}

const MOST_BYTES = 8_000_000
/** Number of paragraphs that are shown at first. */
const MOST_SHOWN = 500
const KINDS = '.txt,.text,.md,.markdown,.html,.htm,.xhtml,.pdf'

export function DocumentForm() {
  const [form, setForm] = useState<Kept>(() => remembered(key(), EMPTY))
  const [chosen, setChosen] = useState<Sent | null>(null)
  const [wrong, setWrong] = useState<string | null>(null)
  const [over, setOver] = useState(false)
  const [known, setKnown] = useState<string[]>([])
  const reading = useAsking<DocumentRead>()
  const beginning = useAsking<DraftState>()
  const found = reading.value
  const isOpen = part.value === 'draft'

  useEffect(() => remember(key(), JSON.stringify(form)), [form])
  useEffect(() => {
    if (isOpen) get<{ drafts: string[] }>('/api/drafts').then((said) => setKnown(said.drafts), sayError)
  }, [isOpen])

  async function read(sent: Sent): Promise<void> {
    setWrong(null)
    setChosen(sent)
    const said = await reading.ask((signal) => post<DocumentRead>('/api/draft/read', sent, signal))
    if (!said) return
    setForm((before) => ({ ...before, folder: before.folder || folderName(said.title ?? said.name) }))
    requestAnimationFrame(() => document.getElementById('document-read')?.focus())
  }

  async function take(files: FileList | null | undefined): Promise<void> {
    const file = files?.[0]
    if (!file) return
    if (file.size > MOST_BYTES) {
      setWrong(tr('{file} is larger than {size} MB: give the part that tells of the crisis, or use the command offramp draft.',
        { file: file.name, size: MOST_BYTES / 1e6 }))
      return
    }
    await read({ name: file.name, content: await base64Of(file) })
  }

  async function paste(): Promise<void> {
    await read({ name: 'pasted.txt', content: await base64Of(new Blob([form.text])) })
  }

  async function begin(event: Event): Promise<void> {
    event.preventDefault()
    if (!chosen || beginning.since !== null) return
    const said = await beginning.ask((signal) =>
      post<DraftState>('/api/draft/begin', { ...chosen, folder: form.folder.trim(), as_of: form.as_of || null }, signal))
    if (!said) return
    remember(key(), '')
    openDraft(said.folder)
    say(tr('{folder} is begun.', { folder: said.folder }))
  }

  return (
    <div class="desk drafting">
      <h2>{tr('A crisis from a document')}</h2>
      <p class="lead">
        {tr('A language model proposes the records of a game, each with the words of the document that it rests on. Offramp ' +
          'checks that the words stand there, and you decide whether they say so. Nothing leaves this machine before you say so.')}
      </p>
      <section class="card" aria-labelledby="document-heading">
        <h3 id="document-heading">{tr('The document')}</h3>
        <div class={`drop ${over ? 'over' : ''}`}
          onDragOver={(event) => { event.preventDefault(); setOver(true) }}
          onDragLeave={() => setOver(false)}
          onDrop={(event) => { event.preventDefault(); setOver(false); void take(event.dataTransfer?.files) }}>
          <label for="document-file">{tr('Drop a file here, or choose one')}</label>
          <input id="document-file" type="file" accept={KINDS} aria-describedby="document-kinds"
            onChange={(event) => void take(event.currentTarget.files)} />
          <small id="document-kinds">
            {tr('Text, Markdown, a saved web page or a PDF, at most {size} MB', { size: MOST_BYTES / 1e6 })}
          </small>
        </div>
        <div class="field whole">
          <label for="document-text">{tr('Or paste its text')}</label>
          <textarea id="document-text" rows={8} value={form.text} spellcheck={false}
            onInput={(event) => setForm({ ...form, text: event.currentTarget.value })} />
        </div>
        <button type="button" class={found ? '' : 'main'} disabled={!form.text.trim() || reading.since !== null}
          onClick={() => void paste()}>
          {tr('Read the text')}
        </button>
        {wrong && <p class="refused" role="alert">{wrong}</p>}
        <Working asked={reading} what={tr('Reading the document')} />
      </section>
      {known.length > 0 && !found && (
        <section class="card" aria-labelledby="drafts-heading">
          <h3 id="drafts-heading">{tr('Drafts in this folder')}</h3>
          <p class="known">
            {known.map((folder) => (
              <button key={folder} type="button" onClick={() => openDraft(folder)}>
                {folder === '.' ? tr('this folder') : folder}
              </button>
            ))}
          </p>
        </section>
      )}
      {found && (
        <>
          <Read found={found} />
          <form class="card" aria-label={tr('Begin the draft')} onSubmit={(event) => void begin(event)}>
            <h3>{tr('Begin the draft')}</h3>
            <div class="fields">
              <Entry label={tr('Folder')} value={form.folder} required maxLength={100}
                hint={tr('a new one in {folder}', { folder: hello.value?.folder ?? '' })} set={(folder) => setForm({ ...form, folder })} />
              <Entry label={tr('As of')} kind="date" value={form.as_of} hint={tr('the day whose knowledge the document has')}
                set={(as_of) => setForm({ ...form, as_of })} />
              <button type="submit" class="main" disabled={beginning.since !== null}>{tr('Begin')}</button>
            </div>
            <Working asked={beginning} what={tr('Writing the folder')} />
          </form>
        </>
      )}
    </div>
  )
}

/** The numbered paragraphs, and what was left out. */
function Read({ found }: { found: DocumentRead }) {
  const [all, setAll] = useState(false)
  const shown = all ? found.paragraphs : found.paragraphs.slice(0, MOST_SHOWN)
  const more = found.paragraphs.length - shown.length
  return (
    <section class="card" aria-labelledby="document-read">
      <h3 id="document-read" tabIndex={-1}>
        {trn('{document}: {count} paragraph', '{document}: {count} paragraphs', found.paragraphs.length,
          { document: found.title ?? found.name })}
      </h3>
      <p class="note">{found.rule.slice(0, 1).toUpperCase()}{found.rule.slice(1)}.</p>
      {found.dropped.length > 0
        ? (
          <p>
            {woven('{left_out}, because a reader does not see it or it is not the account: {parts}.',
              { left_out: <b>{tr('Left out')}</b>, parts: found.dropped.join(', ') })}
          </p>
        )
        : <p class="note">{tr('Nothing was left out.')}</p>}
      <Suspicious numbers={found.suspicious} />
      <div class="paragraphs" tabIndex={0} role="region" aria-label={tr('The numbered paragraphs')}>
        {shown.map((text, place) => (
          <p key={place} class={found.suspicious.includes(place + 1) ? 'flagged' : ''}>
            <span class="pilcrow">¶{place + 1}</span> {text}
          </p>
        ))}
        {more > 0 && <button type="button" onClick={() => setAll(true)}>{trn('Show {count} more', 'Show {count} more', more)}</button>}
      </div>
    </section>
  )
}

function folderName(title: string): string {
  const words = title.normalize('NFKD').replace(/\p{M}/gu, '').replace(/\.\w{2,8}$/, '').toLowerCase().match(/[a-z0-9]+/g) ?? []
  return words.join('-').slice(0, 40).replace(/-$/, '') || 'draft'
}

const PIECE = 32_768

async function base64Of(from: Blob): Promise<string> {
  const bytes = new Uint8Array(await from.arrayBuffer())
  let binary = ''
  for (let at = 0; at < bytes.length; at += PIECE) binary += String.fromCharCode(...bytes.subarray(at, at + PIECE))
  return btoa(binary)
}

const EMPTY: Kept = { text: '', folder: '', as_of: '' }

/** A text that was pasted and not begun is remembered here. */
function key(): string {
  return `offramp-document ${hello.peek()?.folder ?? ''}`
}
