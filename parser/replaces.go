package parser

// Replaces is a parsed Replaces value: a dialog as its receiver knows it (RFC 3891, Section 6.1). A tag of "0" stands
// for no tag as well (RFC 3891, Section 3).
type Replaces struct {
	CallID    []byte
	ToTag     []byte // the receiver's local tag
	FromTag   []byte // the receiver's remote tag
	EarlyOnly bool
}

// Replaces returns the Replaces value. One without both tags is malformed. The error is an [Error].
func (m *Message) Replaces() (Replaces, error) { return one(m, HeaderReplaces, readReplaces) }

func readReplaces(b []byte, h Header) (r Replaces, err Error) {
	t, err := readItem(b, h)
	if err != 0 {
		return r, err
	}
	r.CallID = t.Text()
	r.ToTag, r.FromTag, err = t.tags("to-tag", "from-tag")
	_, r.EarlyOnly = t.Param("early-only")
	return r, err
}

// AppendTo appends the value to dst.
func (r Replaces) AppendTo(dst []byte) []byte {
	dst = append(dst, r.CallID...)
	dst = appendParam(dst, "to-tag", r.ToTag)
	dst = appendParam(dst, "from-tag", r.FromTag)
	if r.EarlyOnly {
		dst = append(dst, ";early-only"...)
	}
	return dst
}

// Join is a parsed Join value: a dialog as its receiver knows it (RFC 3911, Section 7.1). A tag of "0" stands for no
// tag as well.
type Join struct {
	CallID  []byte
	ToTag   []byte // the receiver's local tag
	FromTag []byte // the receiver's remote tag
}

// Join returns the Join value. One without both tags is malformed. The error is an [Error].
func (m *Message) Join() (Join, error) { return one(m, HeaderJoin, readJoin) }

func readJoin(b []byte, h Header) (j Join, err Error) {
	t, err := readItem(b, h)
	if err != 0 {
		return j, err
	}
	j.CallID = t.Text()
	j.ToTag, j.FromTag, err = t.tags("to-tag", "from-tag")
	return j, err
}

// AppendTo appends the value to dst.
func (j Join) AppendTo(dst []byte) []byte {
	dst = append(dst, j.CallID...)
	dst = appendParam(dst, "to-tag", j.ToTag)
	return appendParam(dst, "from-tag", j.FromTag)
}

// TargetDialog is a parsed Target-Dialog value: a dialog as its receiver knows it (RFC 4538, Section 7).
type TargetDialog struct {
	CallID    []byte
	LocalTag  []byte // the receiver's
	RemoteTag []byte
}

// TargetDialog returns the Target-Dialog value. One without both tags is malformed and to be ignored (RFC 4538, Section
// 4). The error is an [Error].
func (m *Message) TargetDialog() (TargetDialog, error) {
	return one(m, HeaderTargetDialog, readTargetDialog)
}

func readTargetDialog(b []byte, h Header) (d TargetDialog, err Error) {
	t, err := readItem(b, h)
	if err != 0 {
		return d, err
	}
	d.CallID = t.Text()
	d.LocalTag, d.RemoteTag, err = t.tags("local-tag", "remote-tag")
	return d, err
}

// AppendTo appends the value to dst.
func (d TargetDialog) AppendTo(dst []byte) []byte {
	dst = append(dst, d.CallID...)
	dst = appendParam(dst, "local-tag", d.LocalTag)
	return appendParam(dst, "remote-tag", d.RemoteTag)
}

// tags returns the two parameters that name a dialog's tags.
func (t *Item) tags(local, remote string) (l, r []byte, err Error) {
	if l, err = t.token(local); err != 0 {
		return nil, nil, err
	}
	if r, err = t.token(remote); err != 0 {
		return nil, nil, err
	}
	if l == nil || r == nil {
		return nil, nil, errDialogTags
	}
	return l, r, 0
}
