package parser

// A reader is what makes a typed value of one value of h. It sees all of b and needs no blanks round it trimmed.
type reader[T any] func(b []byte, h Header) (T, Error)

// one reads the first value of h.
func one[T any](m *Message, h Header, read reader[T]) (T, error) {
	var v T
	err := ErrAbsent
	if m.Has(h) {
		err = errEmpty
	}
	m.walkValues(h, func(b []byte) bool {
		v, err = read(b, h)
		return false
	})
	if err != 0 {
		var zero T
		return zero, err
	}
	return v, nil
}

// each reads all values of h. After a malformed one it goes on with the next.
func each[T any](m *Message, h Header, read reader[T], yield func(T, error) bool) {
	m.walkValues(h, func(b []byte) bool {
		v, err := read(b, h)
		if err != 0 {
			var zero T
			return yield(zero, err)
		}
		return yield(v, nil)
	})
}
