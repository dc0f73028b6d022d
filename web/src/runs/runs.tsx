// Runs: start one, see how far each has come, open one and ask it the questions of the studies.

import { Listing } from './listing'
import { OpenedRun } from './opened'
import { Starting } from './starting'
import { opened } from './state'

export function Runs() {
  const run = opened.value
  return (
    <div class="desk">
      <div hidden={run !== null}>
        <h2>Runs</h2>
        <p class="lead">A run solves the crisis for many draws of its uncertain numbers and keeps what came out.</p>
        <Starting />
        <Listing />
      </div>
      {run !== null && <OpenedRun key={run} run={run} />}
    </div>
  )
}
