// The gallery: worked crises that come with Offramp, as cards in a dialog. A click opens a copy in the person's folder.

import { signal } from '@preact/signals'
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { get, post } from '../api'
import { openFile } from '../crisis'
import { percent } from '../model'
import { part, say } from '../session'
import { tr, trn } from '../texts'
import { leaves } from '../write/files'

interface Ending {
  name: string
  mean: number | null
  p05: number | null
  p95: number | null
  happened: boolean
}

interface Card {
  name: string
  title: string
  line: string
  as_of: string | null
  actors: number
  state: 'decided' | 'open' | 'no outcome'
  standing: string
  endings: Ending[]
}

const STATES: Record<Card['state'], string> = { decided: tr('decided'), open: tr('open'), 'no outcome': tr('not scored') }
const CAME_ABOUT = tr('this came about')

/** Whether the gallery is open. */
export const browsing = signal(false)

export function Gallery() {
  return browsing.value ? <GalleryDialog /> : null
}

function GalleryDialog() {
  const dialog = useRef<HTMLDialogElement>(null)
  const [cards, setCards] = useState<Card[] | null>(null)
  const [refused, setRefused] = useState<string | null>(null)
  const [taking, setTaking] = useState(false)
  useLayoutEffect(() => dialog.current?.showModal(), [])
  useEffect(() => {
    get<{ crises: Card[] }>('/api/gallery').then(({ crises }) => setCards(crises), (error) => setRefused((error as Error).message))
  }, [])

  async function take(card: Card): Promise<void> {
    if (taking || !leaves()) return
    setTaking(true)
    setRefused(null)
    try {
      const { path } = await post<{ path: string }>('/api/gallery/copy', { name: card.name })
      await openFile(path)
      browsing.value = false
      part.value = 'see'
      say(tr('{path} is a copy of your own: change it as you like. README.md beside it says what it shows and cannot show.', { path }))
    } catch (error) {
      setRefused((error as Error).message)
    }
    setTaking(false)
  }

  return (
    <dialog class="gallery" ref={dialog} aria-labelledby="gallery-heading" onClose={() => (browsing.value = false)}>
      <header>
        <h2 id="gallery-heading">{tr('Gallery')}</h2>
        <button type="button" onClick={() => dialog.current?.close()}>{tr('Close')}</button>
      </header>
      <p class="note">
        {tr('Worked crises that come with Offramp. A bar is how likely the model held an ending before any event, ' +
          'over its draws; the line across it is what nine draws out of ten say. A check mark: this came about. ' +
          'Choose one, and a copy of it, with its README and its outcome, is made in your folder.')}
      </p>
      {refused && <p class="refused" role="alert">{refused}</p>}
      {cards === null && !refused && <p class="note" role="status">{tr('Reading the gallery …')}</p>}
      {cards?.length === 0 && <p class="note">{tr('No crises came with this Offramp: install it again.')}</p>}
      <ul class="cards" aria-busy={taking}>
        {cards?.map((card) => <One key={card.name} card={card} take={() => void take(card)} />)}
      </ul>
    </dialog>
  )
}

function One({ card, take }: { card: Card; take: () => void }) {
  const when = card.as_of === null ? tr('A game without a date') : tr('As of {date}', { date: card.as_of })
  const size = `${when}, ${trn('{count} actor', '{count} actors', card.actors)}`
  return (
    <li class="worked">
      <h3><button type="button" class="plain" onClick={take}>{card.title}</button></h3>
      <p class="said">{card.line}</p>
      <Picture endings={card.endings} />
      {card.endings.every((ending) => ending.mean === null) && (
        <p class="note">{tr('No odds are kept: its files have changed since they were last solved. A copy is solved when it opens.')}</p>
      )}
      <p class="facts">
        <span class={`state-${card.state.replace(' ', '-')}`}>{STATES[card.state]}</span>{' '}
        {card.state === 'decided'
          ? `${size}. ${tr('What came about: {ending}.', { ending: card.standing })}`
          : card.state === 'open' ? `${size}, ${card.standing}.` : `${size}.`}
      </p>
    </li>
  )
}

const COLOURS = 7

/** The endings as bars from 0 to 100 %, with their range over the draws. */
function Picture({ endings }: { endings: Ending[] }) {
  return (
    <ul class="picture">
      {endings.map(({ name, mean, p05, p95, happened }, place) => (
        <li key={name}>
          <span class="name">
            {name}{happened && <> <span class="happened" title={CAME_ABOUT}>✓<span class="hidden-words"> {CAME_ABOUT}</span></span></>}
          </span>
          <span class="number">{mean === null ? '' : percent(mean)}</span>
          <svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
            <rect class="all" width="100" height="10" />
            {mean !== null && <rect width={100 * mean} height="10" style={{ fill: `var(--ending-${Math.min(place, COLOURS - 1)})` }} />}
            {p05 !== null && p95 !== null && <rect class="range" x={100 * p05} y="4" width={Math.max(100 * (p95 - p05), 0.4)} height="2" />}
          </svg>
        </li>
      ))}
    </ul>
  )
}
