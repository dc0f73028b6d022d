// The links of a match: one per seat, and the facilitator's; anybody who has a link has the seat.

import { useState } from 'preact/hooks'
import { copy } from '../parts/keeping'
import { tr } from '../texts'
import { called } from './story'
import { linkOf, type MatchLinks } from './matches'

export function Links({ links, names }: { links: MatchLinks; names: Record<string, string> }) {
  const [copied, setCopied] = useState('')
  const rows = [
    ...Object.entries(links.seats).map(([actor, token]) => [called(names, actor), linkOf(token), tr('Play here')] as const),
    [tr('Facilitator, who sees all'), linkOf(links.facilitator), tr('Open here')] as const,
  ]
  async function take(name: string, link: string): Promise<void> {
    const copies = await copy(link)
    setCopied(copies ? tr('The link of {name} is copied.', { name }) : tr('The browser did not allow it: copy the link by hand.'))
  }
  return (
    <section aria-label={tr('Links')} class="links">
      <h3>{tr('Links')}</h3>
      <p class="note">{tr('Send each person one. Anybody who has a link has that seat: send the links separately.')}</p>
      <ul>
        {rows.map(([name, link, here]) => (
          <li key={name}>
            <label>
              <span>{name}</span>
              <input readOnly value={link} onFocus={(event) => event.currentTarget.select()} />
            </label>
            <span class="buttons">
              <button type="button" aria-label={tr('Copy the link of {name}', { name })} onClick={() => void take(name, link)}>
                {tr('Copy')}
              </button>
              <a class="button" href={link} target="_blank" rel="noopener noreferrer"
                aria-label={tr('{action}: {name}, in a new tab', { action: here, name })}>
                {here}
              </a>
            </span>
          </li>
        ))}
      </ul>
      <p role="status" class="note">
        {copied}
      </p>
    </section>
  )
}
