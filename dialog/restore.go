package dialog

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"time"

	"github.com/ringback-sip/ringback/parser"
)

// ReadSnapshot reads what Snapshot.AppendTo wrote, all of b and nothing else, and copies what it keeps. ErrSnapshot, with a reason behind it: b is
// none, is damaged, was written by a later version, or holds a dialog that no messages make. ErrTooLarge: a dialog beyond the limits of
// those that messages make.
func ReadSnapshot(b []byte) (*Snapshot, error) {
	records, err := readRecords(b)
	if err != nil {
		return nil, err
	}
	s := &Snapshot{Dialog: &Dialog{confirmed: true}}
	if err := s.readNumbers(records[recordNumbers]); err != nil {
		return nil, err
	}
	d := s.Dialog
	d.identify(records[recordCallID], records[recordLocalTag], records[recordRemoteTag])
	s.User = string(records[recordUser])
	if s.Timer, err = readTimer(records[recordTimer]); err != nil {
		return nil, err
	}
	s.Local = Description{string(records[recordLocalType]), bytes.Clone(records[recordLocalData])}
	s.Remote = Description{string(records[recordRemoteType]), bytes.Clone(records[recordRemoteData])}
	for _, u := range [...]struct {
		to  *parser.URI
		tag byte
	}{{&d.local, recordLocal}, {&d.remote, recordRemote}, {&d.target, recordTarget}} {
		if *u.to, err = parser.ParseURI(bytes.Clone(records[u.tag])); err != nil {
			return nil, snapshotFault("URI")
		}
	}
	if d.route, err = readRouteSet(records[recordRoute]); err != nil {
		return nil, err
	}
	if err := s.check(); err != nil {
		return nil, err
	}
	return s, nil
}

// readRecords takes b apart.
func readRecords(b []byte) (records [recordCount + 1][]byte, err error) {
	switch {
	case len(b) > maxSnapshot:
		return records, ErrTooLarge
	case len(b) < snapshotHead+snapshotSum || string(b[:len(snapshotMagic)]) != snapshotMagic:
		return records, snapshotFault("not one")
	case b[len(snapshotMagic)] != snapshotVersion:
		return records, snapshotFault("of another version")
	}
	rest, sum := b[snapshotHead:len(b)-snapshotSum], binary.BigEndian.Uint32(b[len(b)-snapshotSum:])
	switch {
	case uint64(binary.BigEndian.Uint32(b[snapshotHead-4:])) != uint64(len(rest)):
		return records, snapshotFault("cut off, or with more behind it")
	case crc32.Checksum(b[:len(b)-snapshotSum], crc32.MakeTable(crc32.Castagnoli)) != sum:
		return records, snapshotFault("damaged")
	}
	for last := byte(0); len(rest) > 0; {
		if len(rest) < snapshotRecord {
			return records, snapshotFault("half a record")
		}
		tag, n := rest[0], binary.BigEndian.Uint32(rest[1:])
		rest = rest[snapshotRecord:]
		switch {
		case tag <= last || tag > recordCount:
			return records, snapshotFault("a record that is unknown or out of order")
		case n == 0 || uint64(n) > uint64(len(rest)):
			return records, snapshotFault("a record of no possible length")
		}
		records[tag], rest, last = rest[:n:n], rest[n:], tag
	}
	return records, nil
}

func (s *Snapshot) readNumbers(b []byte) error {
	if len(b) != snapshotNumbers || b[0] > byte(Callee) || b[1]&^flags != 0 {
		return snapshotFault("numbers")
	}
	d, set := s.Dialog, b[1]
	d.role = Role(b[0])
	d.secure, d.hasLocal, d.hasRemote = set&flagSecure != 0, set&flagLocal != 0, set&flagRemote != 0
	s.Update, s.SIPS = set&flagUpdate != 0, set&flagSIPS != 0
	d.localSeq, d.remoteSeq, d.invite = binary.BigEndian.Uint32(b[2:]), binary.BigEndian.Uint32(b[6:]), binary.BigEndian.Uint32(b[10:])
	s.Ends = time.UnixMilli(int64(binary.BigEndian.Uint64(b[14:]))) // one that is too large is negative, which check refuses
	return nil
}

// Jump leaves out 65536 CSeq numbers. It is called once for a dialog that was restored, before anything is sent in it: the numbers that
// follow its snapshot may have been used by the process that wrote it, and the peer refuses those (RFC 3261, Section 12.2.2).
func (d *Dialog) Jump() {
	d.hasLocal = true
	d.localSeq += seqJump
}

// ResumeSession returns the Session of a call that was confirmed in another process. It ends by BYE at ends, or after Timing.MaxDuration if that is
// earlier: clocks of two machines differ.
func ResumeSession(role Role, t Timing, ends, now time.Time) *Session {
	s := &Session{timing: t.withDefaults(), role: role, state: Confirmed}
	s.deadline = now.Add(s.timing.MaxDuration)
	if ends.Before(s.deadline) {
		s.deadline = ends
	}
	return s
}
