// One record of a review: what it claims, at the left, and the passage that it cites, at the right.

import { tr } from '../texts'
import type { Decision, QuoteState, ReviewRecord } from './reviewing'

const QUOTE: Record<QuoteState, string> = {
  exact: tr('The quote stands in the document, letter by letter.'),
  folded: tr('The quote stands in the document, apart from case, dashes, quotation marks or spaces.'),
  elsewhere: tr('The quote stands in the document, in another paragraph than the model said.'),
  failed: tr('The model quoted words that are not in the document, so this counts as ours.'),
  ours: tr('No words of the document are given: this is ours.'),
}

export function ClaimSide({ record }: { record: ReviewRecord }) {
  return (
    <section class="claim" aria-labelledby="claim-heading">
      <p class="kind">{record.kind}</p>
      <h3 id="claim-heading">{record.claim}</h3>
      <p><span class="kind">{tr('In the model:')}</span> {record.words}.</p>
      {record.changed && (
        <p class="flag">
          <b>{tr('Changed after a solve.')}</b> {tr('The model changed it after it was told what makes no sense in the game.')}
        </p>
      )}
      {record.flags.map((flag, place) => <p class="flag" key={place}><b>{tr('Read with care.')}</b> {flag}.</p>)}
      {record.decision && <p class="note">{decided(record.decision)}</p>}
    </section>
  )
}

function decided({ verdict, by: name, date }: Decision): string {
  switch (verdict) {
    case 'accepted': return tr('accepted by {name}, {date}', { name, date })
    case 'changed': return tr('changed by {name}, {date}', { name, date })
    case 'rejected': return tr('rejected by {name}, {date}', { name, date })
    case 'not said': return tr('not said by {name}, {date}', { name, date })
  }
}

export function PassageSide({ record, document: name }: { record: ReviewRecord; document: string }) {
  const { passage } = record
  return (
    <section class="passage" aria-label={tr('The passage')}>
      <p class="kind">{passage ? `${name} ¶${passage.number}` : tr('No passage')}</p>
      {passage && (
        <blockquote tabIndex={0} aria-label={tr('Paragraph {number}', { number: passage.number })}>
          {passage.before}<mark>{passage.quote}</mark>{passage.after}
        </blockquote>
      )}
      <p class="note">{QUOTE[record.state]}</p>
    </section>
  )
}
