// The links of a match: one per seat, and the facilitator's; anybody who has a link has the seat.

import { useState } from 'preact/hooks'
import { copy } from '../parts/keeping'
import { called } from './story'
import { linkOf, type MatchLinks } from './matches'

export function Links({ links, names }: { links: MatchLinks; names: Record<string, string> }) {
  const [copied, setCopied] = useState('')
  const rows = [
    ...Object.entries(links.seats).map(([actor, token]) => [called(names, actor), linkOf(token), 'Play here'] as const),
    ['Facilitator, who sees all', linkOf(links.facilitator), 'Open here'] as const,
  ]
  async function take(name: string, link: string): Promise<void> {
    setCopied((await copy(link)) ? `The link of ${name} is copied.` : 'The browser did not allow it: copy the link by hand.')
  }
  return (
    <section aria-label="Links" class="links">
      <h3>Links</h3>
      <p class="note">Send each person one. Anybody who has a link has that seat: send the links separately.</p>
      <ul>
        {rows.map(([name, link, here]) => (
          <li key={name}>
            <label>
              <span>{name}</span>
              <input readOnly value={link} onFocus={(event) => event.currentTarget.select()} />
            </label>
            <span class="buttons">
              <button type="button" aria-label={`Copy the link of ${name}`} onClick={() => void take(name, link)}>
                Copy
              </button>
              <a class="button" href={link} target="_blank" rel="noopener noreferrer" aria-label={`${here}: ${name}, in a new tab`}>
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
