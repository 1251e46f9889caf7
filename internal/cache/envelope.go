package cache

import (
	"encoding/binary"
	"errors"
	"time"
)

const (
	envelopeVersion = 1
	envelopeHead    = 1 + len(digest{}) + 8 + 8 + 1
	maxValue        = 512 << 10 // bytes of a result; larger ones are not kept
)

// entry is a result as it is kept.
type entry struct {
	digest  digest    // the whole one, of which the name in Redis has a part
	seq     int64     // the clock before the database was asked
	expires time.Time // by the clock of the service
	found   bool      // false: it is known that there is none
	body    []byte
}

var errEnvelope = errors.New("this is not an entry of this version")

func (e entry) encode() []byte {
	b := make([]byte, 0, envelopeHead+len(e.body))
	b = append(append(b, envelopeVersion), e.digest[:]...)
	b = binary.LittleEndian.AppendUint64(b, uint64(e.seq))
	b = binary.LittleEndian.AppendUint64(b, uint64(e.expires.UnixMicro()))
	if e.found {
		return append(append(b, 1), e.body...)
	}
	return append(b, 0)
}

func decodeEntry(b []byte) (e entry, err error) {
	if len(b) < envelopeHead || b[0] != envelopeVersion {
		return e, errEnvelope
	}
	b = b[1:]
	n := copy(e.digest[:], b)
	e.seq = int64(binary.LittleEndian.Uint64(b[n:]))
	e.expires = time.UnixMicro(int64(binary.LittleEndian.Uint64(b[n+8:])))
	e.found, e.body = b[n+16] == 1, b[n+17:]
	return e, nil
}
