package compose

func (m *merger) checkInaccessible() Errors { return nil }
