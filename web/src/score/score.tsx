// Score: enter forecasts, see the open ones, enter outcomes, and see the scores.

import { FindingView } from '../parts/finding'
import { tr } from '../texts'
import { Adding } from './adding'
import { Correcting } from './correcting'
import { ledger, type OpenForecast } from './ledger'
import { Settling } from './settling'

export function Score() {
  const held = ledger.value
  const today = new Date().toISOString().slice(0, 10)
  const late = held?.open.filter((each) => each.due < today) ?? []
  const waiting = held?.open.filter((each) => each.due >= today) ?? []
  return (
    <div class="desk">
      <h2>{tr('Keep score')}</h2>
      <p class="lead">
        {tr('A forecast that is written down with its day and its rule can be scored. Nothing in the ledger is removed.')}
      </p>
      {held === null && <p class="note">{tr('Looking …')}</p>}
      {held && (
        <>
          <Adding />
          <Waiting title={tr('Overdue: say how they came out')} list={late} late />
          <Waiting title={tr('Open')} list={waiting} />
          {held.exists && held.open.length === 0 && <p class="note">{tr('All forecasts have an outcome.')}</p>}
          {held.score && <FindingView finding={held.score} level={3} />}
          {held.exists && <FindingView finding={held.forecasts} level={3} />}
          <Correcting listed={held.forecasts} open={held.open} />
        </>
      )}
    </div>
  )
}

function Waiting({ title, list, late = false }: { title: string; list: OpenForecast[]; late?: boolean }) {
  if (!list.length) return null
  return (
    <section aria-label={title}>
      <h3 class={late ? 'warn' : ''}>{title}</h3>
      <ul class="forecasts">
        {list.map((forecast) => (
          <Settling key={forecast.id} forecast={forecast} />
        ))}
      </ul>
    </section>
  )
}
