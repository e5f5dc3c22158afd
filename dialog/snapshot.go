package dialog

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"time"

	"github.com/ringback-sip/ringback/parser"
)

// A snapshot is a head, records and a checksum, all numbers with their most significant octet first:
//
//	"RBDS" 0x01                magic and version
//	length                     of the records, four octets
//	tag, length, value ...     the records: one octet, four, and the value
//	checksum                   CRC-32C of all that comes before it, four octets
//
// Each record stands once at most, in the order of the tags, and an empty one is left out: so there is one way to write a snapshot. The
// checksum finds what a disk or a careless program damaged; it is no defence against who wants to forge one.
const (
	snapshotMagic   = "RBDS"
	snapshotVersion = 1
	snapshotHead    = len(snapshotMagic) + 1 + 4
	snapshotRecord  = 1 + 4
	snapshotSum     = 4
	snapshotNumbers = 1 + 1 + 4 + 4 + 4 + 8

	// maxSnapshot is the longest snapshot that there can be.
	maxSnapshot = snapshotHead + recordCount*snapshotRecord + snapshotNumbers + maxState + maxUser + snapshotTimer +
		2*(maxMediaType+maxDescription) + snapshotSum
	// maxUser bounds the user of our Contact.
	maxUser = 1 << 10
)

// The tags of the records.
const (
	recordNumbers byte = 1 + iota // role, flags, local and remote CSeq, that of the INVITE, the session's end in Unix milliseconds
	recordCallID
	recordLocalTag
	recordRemoteTag
	recordLocal
	recordRemote
	recordTarget
	recordRoute
	recordUser
	recordTimer
	recordLocalType // of the session descriptions that stand
	recordLocalData
	recordRemoteType
	recordRemoteData

	recordCount = iota
)

// The flags.
const (
	flagSecure byte = 1 << iota
	flagLocal
	flagRemote
	flagUpdate
	flagSIPS

	flags = flagSecure | flagLocal | flagRemote | flagUpdate | flagSIPS
)

// seqJump is what Jump adds. The process that a dialog was restored from may have sent requests after its snapshot, nobody knows how
// many; the peer refuses numbers that it has seen, and takes any gap (RFC 3261, Section 12.2.2). 65536 is more than a request a second for
// the longest call of 12 hours, and leaves room for 32767 restarts below 2^31 (RFC 3261, Section 8.1.1.5).
const seqJump = 1 << 16

// maxSeq is the limit of CSeq numbers (RFC 3261, Section 8.1.1.5).
const maxSeq = 1<<31 - 1

// Snapshot is a confirmed dialog and the session in it at one moment: what another process needs to go on with the call. The zero
// Snapshot cannot be written.
type Snapshot struct {
	Dialog *Dialog   // shared, not copied
	Ends   time.Time // when the session reaches Timing.MaxDuration; kept to the millisecond
	User   string    // of our Contact
	SIPS   bool      // our Contact is a SIPS URI
	Update bool      // the peer allows UPDATE (RFC 3311)

	Timer         SessionTimer // its times kept to the millisecond; see its Resume
	Local, Remote Description  // what the two sides described last: ours and the peer's; shared, not copied
}

// NewSnapshot returns the Snapshot of d and s, which have to be confirmed both: anything else hangs on transactions, which end with
// their process. ErrNoDialog otherwise.
func NewSnapshot(d *Dialog, s *Session) (*Snapshot, error) {
	if !d.confirmed || s.state != Confirmed {
		return nil, ErrNoDialog
	}
	return &Snapshot{Dialog: d, Ends: s.deadline}, nil
}

// AppendTo appends s to dst. The error says what about s cannot be kept; then dst is returned as it was.
func (s *Snapshot) AppendTo(dst []byte) ([]byte, error) {
	if err := s.check(); err != nil {
		return dst, err
	}
	d, start := s.Dialog, len(dst)
	out := append(dst, snapshotMagic...)
	out = append(out, snapshotVersion, 0, 0, 0, 0)
	var few [snapshotNumbers]byte
	out = appendRecord(out, recordNumbers, s.appendNumbers(few[:0]))
	for tag, value := range [recordCount + 1]string{
		recordCallID: d.id.CallID, recordLocalTag: d.localTag, recordRemoteTag: d.remoteTag,
		recordLocal: string(d.local.Raw()), recordRemote: string(d.remote.Raw()), recordTarget: string(d.target.Raw()),
		recordRoute: string(d.route.values), recordUser: s.User, recordTimer: string(s.Timer.appendTimer(nil)),
		recordLocalType: s.Local.Type, recordLocalData: string(s.Local.Data), recordRemoteType: s.Remote.Type, recordRemoteData: string(s.Remote.Data),
	} {
		if value != "" {
			out = appendRecord(out, byte(tag), []byte(value))
		}
	}
	binary.BigEndian.PutUint32(out[start+snapshotHead-4:], uint32(len(out)-start-snapshotHead)) // below maxSnapshot, says check
	return binary.BigEndian.AppendUint32(out, crc32.Checksum(out[start:], crc32.MakeTable(crc32.Castagnoli))), nil
}

func appendRecord(dst []byte, tag byte, value []byte) []byte {
	dst = binary.BigEndian.AppendUint32(append(dst, tag), uint32(len(value)))
	return append(dst, value...)
}

func (s *Snapshot) appendNumbers(dst []byte) []byte {
	d := s.Dialog
	set := flagIf(flagSecure, d.secure) | flagIf(flagLocal, d.hasLocal) | flagIf(flagRemote, d.hasRemote) |
		flagIf(flagUpdate, s.Update) | flagIf(flagSIPS, s.SIPS)
	dst = append(dst, byte(d.role), set)
	for _, n := range [...]uint32{d.localSeq, d.remoteSeq, d.invite} {
		dst = binary.BigEndian.AppendUint32(dst, n)
	}
	return binary.BigEndian.AppendUint64(dst, uint64(s.Ends.UnixMilli()))
}

func flagIf(flag byte, on bool) byte {
	if on {
		return flag
	}
	return 0
}

// check refuses what no dialog made of messages can be, and what could not be used once it is read: its requests have to be readable, and
// say what the dialog says.
func (s *Snapshot) check() error {
	d := s.Dialog
	switch {
	case d == nil || !d.confirmed:
		return ErrNoDialog
	case len(s.User) > maxUser || d.size(d.target) > maxState:
		return ErrTooLarge
	case !s.Timer.fits():
		return snapshotFault("session timer")
	case !s.Local.fits(), !s.Remote.fits():
		return snapshotFault("session description")
	case d.localSeq > maxSeq-2*seqJump:
		return snapshotFault("no CSeq numbers are left")
	case !d.hasLocal && d.localSeq != 0, !d.hasRemote && d.remoteSeq != 0,
		d.role == Caller && (!d.hasLocal || d.localSeq < d.invite),
		d.role == Callee && (!d.hasRemote || d.remoteSeq < d.invite):
		return snapshotFault("CSeq numbers contradict each other")
	case !d.target.IsSIP():
		return snapshotFault("no remote target")
	case s.Ends.UnixMilli() < 0:
		return snapshotFault("the session has no end")
	}
	if own, err := targetURI(d.target); err != nil || len(own.Raw()) != len(d.target.Raw()) {
		return snapshotFault("remote target")
	}
	var b parser.Builder
	d.Write(&b, parser.MethodBye, d.localSeq+1, Via{"UDP", "localhost", "z9hG4bK"})
	if s.User != "" {
		b.Header(parser.HeaderContact, "<sip:"+s.User+"@localhost>")
	}
	w, err := b.Wire()
	var m parser.Message
	if err == nil {
		err = m.Parse(w.Head)
	}
	if err == nil {
		err = m.Check()
	}
	if err != nil {
		return fmt.Errorf("%w: its requests cannot be read: %w", ErrSnapshot, err)
	}
	return s.reads(&m)
}

// reads reports what in m, a request of the dialog, is not what the dialog says.
func (s *Snapshot) reads(m *parser.Message) error {
	d := s.Dialog
	from, err := m.From()
	if err != nil {
		return err
	}
	to, err := m.To()
	if err != nil {
		return err
	}
	switch {
	case string(from.Tag()) != d.localTag, string(to.Tag()) != d.remoteTag:
		return snapshotFault("tag")
	case string(from.URI().Raw()) != string(d.local.Raw()), string(to.URI().Raw()) != string(d.remote.Raw()):
		return snapshotFault("URI")
	case string(m.CallID()) != d.id.CallID:
		return snapshotFault("Call-ID")
	}
	if s.User == "" {
		return nil
	}
	contact, err := m.Contact()
	if err != nil || string(contact.URI().User()) != s.User {
		return snapshotFault("user of Contact")
	}
	return nil
}

func snapshotFault(what string) error { return fmt.Errorf("%w: %s", ErrSnapshot, what) }
