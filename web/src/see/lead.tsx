// What is on the screen, in one paragraph: the sentences with which a report leads.

import { broken, model } from '../crisis'
import { paragraph } from '../live'
import { tr } from '../texts'
import { Sure } from './status'

export function Lead() {
  const said = paragraph.value
  const behind = said !== null && (!said.current || broken.value)
  return (
    <section class={`lead ${behind ? 'behind' : ''} ${model.value?.levers.length ? 'long' : ''}`} aria-labelledby="lead-heading" data-tour="lead">
      <div class="lead-head">
        <h2 id="lead-heading">{tr('In short')}</h2>
        <span class="note">{behind ? tr('of the setting before; follows when the numbers rest') : ''}</span>
      </div>
      <p class="lead-text" tabIndex={0} aria-labelledby="lead-heading" role="region">{said?.sentences.join(' ') ?? ''}</p>
      <Sure />
    </section>
  )
}
