// Corrects an outcome: a new one is entered; the old one stays in the ledger.

import { useState } from 'preact/hooks'
import type { Finding } from '../model'
import { Choice } from '../parts/fields'
import { tr } from '../texts'
import { Outcome } from './settling'

export function Correcting({ listed }: { listed: Finding }) {
  const [chosen, setChosen] = useState('')
  const settled = outcomes(listed)
  if (!settled.length) return null
  const id = settled.some(([key]) => key === chosen) ? chosen : settled[0]![0]
  return (
    <details class="card">
      <summary>{tr('Correct an outcome')}</summary>
      <p class="note">{tr('Both stay in the ledger; the later one counts.')}</p>
      <div class="fields">
        <Choice label={tr('Forecast')} value={id} set={setChosen} options={settled} />
      </div>
      <Outcome key={id} id={Number(id)} correct />
    </details>
  )
}

/** The forecasts that have an outcome, from the table of all. */
function outcomes(listed: Finding): [string, string][] {
  const table = listed.tables.find(({ name }) => name === 'forecasts')
  const at = (name: string) => table?.columns.findIndex((column) => column.name === name) ?? -1
  const [id, claim, status] = [at('forecast'), at('claim'), at('status')]
  return (table?.rows ?? [])
    .filter((row) => !/^(open|due|overdue)/.test(row[status] ?? ''))
    .map((row) => [(row[id] ?? '').replaceAll(',', ''), `${row[id]}: ${row[claim]} (${row[status]})`])
}
