// The file's mistakes and warnings, as a list below the editor: each line links to its position.

import { broken, checked, file, type Fault } from '../crisis'
import { showInFile } from './editor'

export function counted(faults: Fault[]): string {
  const errors = faults.filter((fault) => fault.severity === 'error').length
  const warnings = faults.length - errors
  const said = []
  if (errors) said.push(errors === 1 ? '1 mistake' : `${errors} mistakes`)
  if (warnings) said.push(warnings === 1 ? '1 warning' : `${warnings} warnings`)
  return said.join(', ') || 'No mistakes'
}

export function Problems() {
  const said = checked.value
  const behind = said === null || said.text !== file.value?.text
  const faults = said?.faults ?? []
  return (
    <details class={`problems ${broken.value ? 'has-errors' : ''}`} open={faults.length > 0} data-tour="problems">
      <summary>
        <span role="status" class={behind ? 'behind' : ''}>
          {said === null ? 'Checking …' : counted(faults)}
        </span>
        {faults.length > 0 && <small class="keys"> F8: the next one</small>}
      </summary>
      <ul aria-label="Mistakes and warnings">
        {faults.map((fault, place) => (
          <li key={place}>
            <button type="button" class="plain" onClick={() => showInFile(fault.from, fault.to)}>
              <span class={`severity ${fault.severity}`}>{fault.severity === 'error' ? 'Mistake' : 'Warning'}</span>{' '}
              <span class="place">line {fault.line}</span> {fault.message}
            </button>
          </li>
        ))}
      </ul>
    </details>
  )
}
