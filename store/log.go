package store

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
)

// A file of the store is a line that says so, and records. A record is the length of its payload and a checksum of that, four octets each,
// the lowest first, and the payload: what it is, the revision, in eight octets each the end in milliseconds since 1970, the length
// of the key as a varint, the key, and the value.
const (
	fileHeader = "ringback store 1\n"
	recordHead = 8
	// maxRecord bounds a payload, so that a length that was damaged is no reason to read for long.
	maxRecord = 16 << 20
)

// entry is one record of a file.
type entry struct {
	kind  entryKind
	rev   uint64
	until int64
	key   string
	val   []byte // of a file that was read: a part of what was read
}

// entryKind says what happened.
type entryKind byte

const (
	kindPut    entryKind = 1
	kindDelete entryKind = 2
	// kindMark says which revisions were given when a snapshot was made, also to records that are not there any more.
	kindMark entryKind = 3
)

var (
	errTorn     = errors.New("the end of a record is missing, or its checksum is wrong")
	errTooLarge = errors.New("store: record larger than 16 MiB")

	castagnoli = crc32.MakeTable(crc32.Castagnoli)
)

// appendTo appends the record to dst.
func (e *entry) appendTo(dst []byte) ([]byte, error) {
	start := len(dst)
	dst = append(dst, make([]byte, recordHead)...)
	dst = append(dst, byte(e.kind))
	dst = binary.LittleEndian.AppendUint64(dst, e.rev)
	dst = binary.LittleEndian.AppendUint64(dst, uint64(e.until))
	dst = binary.AppendUvarint(dst, uint64(len(e.key)))
	dst = append(dst, e.key...)
	dst = append(dst, e.val...)
	payload := dst[start+recordHead:]
	if len(payload) > maxRecord {
		return dst[:start], errTooLarge
	}
	binary.LittleEndian.PutUint32(dst[start:], uint32(len(payload)))
	binary.LittleEndian.PutUint32(dst[start+4:], crc32.Checksum(payload, castagnoli))
	return dst, nil
}

// readEntry reads the record at the beginning of b, which it keeps, and returns its size. A record that is not whole is errTorn; then
// size is where the next one would begin, 0 where nobody knows.
func readEntry(b []byte) (e entry, size int, err error) {
	if len(b) < recordHead {
		return e, 0, errTorn
	}
	length := binary.LittleEndian.Uint32(b)
	if length > maxRecord || int(length) > len(b)-recordHead {
		return e, 0, errTorn
	}
	size = recordHead + int(length)
	payload := b[recordHead:size:size]
	if crc32.Checksum(payload, castagnoli) != binary.LittleEndian.Uint32(b[4:]) || !e.read(payload) {
		return entry{}, size, errTorn
	}
	return e, size, nil
}

// read reads a payload.
func (e *entry) read(b []byte) bool {
	const fixed = 1 + 8 + 8
	if len(b) < fixed {
		return false
	}
	e.kind = entryKind(b[0])
	e.rev = binary.LittleEndian.Uint64(b[1:])
	e.until = int64(binary.LittleEndian.Uint64(b[9:]))
	n, k := binary.Uvarint(b[fixed:])
	rest := b[fixed+max(k, 0):]
	if k <= 0 || n > uint64(len(rest)) {
		return false
	}
	e.key, e.val = string(rest[:n]), rest[n:]
	return kindPut <= e.kind && e.kind <= kindMark
}
