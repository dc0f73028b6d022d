// Corrects an outcome: a new one is entered; the old one stays in the ledger.

import { useState } from 'preact/hooks'
import type { Finding } from '../model'
import { Choice } from '../parts/fields'
import { tr } from '../texts'
import type { OpenForecast } from './ledger'
import { Outcome } from './settling'

export function Correcting({ listed, open }: { listed: Finding; open: OpenForecast[] }) {
  const [chosen, setChosen] = useState('')
  const settled = outcomes(listed, open)
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

/** The forecasts that have an outcome, from the table of all: those that are not open. */
function outcomes(listed: Finding, open: OpenForecast[]): [string, string][] {
  const table = listed.tables.find(({ name }) => name === 'forecasts')
  const at = (name: string) => table?.columns.findIndex((column) => column.name === name) ?? -1
  const [id, claim, status] = [at('forecast'), at('claim'), at('status')]
  return (table?.rows ?? [])
    .map((row): [string, string] => [(row[id] ?? '').replaceAll(',', ''), `${row[id]}: ${row[claim]} (${row[status]})`])
    .filter(([number]) => !open.some((each) => String(each.id) === number))
}
