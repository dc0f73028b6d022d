// Runs: start one, see the progress of all, open one and ask it questions (studies).

import { tr } from '../texts'
import { Listing } from './listing'
import { OpenedRun } from './opened'
import { Starting } from './starting'
import { opened } from './state'

export function Runs() {
  const run = opened.value
  return (
    <div class="desk">
      <div hidden={run !== null}>
        <h2>{tr('Runs')}</h2>
        <p class="lead">{tr('A run solves the crisis for many draws of its uncertain numbers and keeps the results.')}</p>
        <Starting />
        <Listing />
      </div>
      {run !== null && <OpenedRun key={run} run={run} />}
    </div>
  )
}
