// One record of a review: what it claims, at the left, and the passage that it cites, at the right.

import type { QuoteState, ReviewRecord } from './reviewing'

const QUOTE: Record<QuoteState, string> = {
  exact: 'The quote stands in the document, letter by letter.',
  folded: 'The quote stands in the document, apart from case, dashes, quotation marks or spaces.',
  elsewhere: 'The quote stands in the document, in another paragraph than the model said.',
  failed: 'The model quoted words that are not in the document, so this counts as ours.',
  ours: 'No words of the document are given: this is ours.',
}

export function ClaimSide({ record }: { record: ReviewRecord }) {
  return (
    <section class="claim" aria-labelledby="claim-heading">
      <p class="kind">{record.kind}</p>
      <h3 id="claim-heading">{record.claim}</h3>
      <p><span class="kind">In the model:</span> {record.words}.</p>
      {record.changed && <p class="flag"><b>Changed after a solve.</b> The model changed it after it was told what makes no sense in the game.</p>}
      {record.flags.map((flag, place) => <p class="flag" key={place}><b>Read with care.</b> {flag}.</p>)}
      {record.decision && (
        <p class="note">{record.decision.verdict} by {record.decision.by}, {record.decision.date}</p>
      )}
    </section>
  )
}

export function PassageSide({ record, document: name }: { record: ReviewRecord; document: string }) {
  const { passage } = record
  return (
    <section class="passage" aria-label="The passage">
      <p class="kind">{passage ? `${name} ¶${passage.number}` : 'No passage'}</p>
      {passage && (
        <blockquote tabIndex={0} aria-label={`Paragraph ${passage.number}`}>
          {passage.before}<mark>{passage.quote}</mark>{passage.after}
        </blockquote>
      )}
      <p class="note">{QUOTE[record.state]}</p>
    </section>
  )
}
