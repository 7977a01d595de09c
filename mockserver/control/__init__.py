"""The control API: time, sandboxes, faults, the journal; its contract is `spec/control.yaml`."""
