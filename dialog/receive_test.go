package dialog

import "testing"

func TestReceiveOrder(t *testing.T) {
	for _, tt := range []struct {
		name string
		seqs []int
		want []int
	}{
		{"one after the other", []int{2, 3, 4}, []int{0, 0, 0}},
		{"a gap is no error", []int{5, 900}, []int{0, 0}},
		{"lower", []int{5, 7, 6, 8}, []int{0, 0, 500, 0}},
		{"equal", []int{5, 5}, []int{0, 500}},
		{"the INVITE's own", []int{1}, []int{500}},
		{"to the end of the range", []int{1<<31 - 1, 1<<31 - 2}, []int{0, 500}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := server(t)
			for i, seq := range tt.seqs {
				if got := d.Receive(inDialog(t, "INFO", seq)); int(got) != tt.want[i] {
					t.Errorf("number %d after %v: got %d, want %d", seq, tt.seqs[:i], got, tt.want[i])
				}
			}
		})
	}
}

func TestReceiveTakesTheFirstNumberAtTheCaller(t *testing.T) {
	for _, first := range []int{0, 1, 4711} {
		d := client(t, 200)
		if got := d.Receive(inDialog(t, "INFO", first)); got != 0 {
			t.Errorf("first number %d: got %d, want 0", first, got)
		}
		if got := d.Receive(inDialog(t, "INFO", first)); got != 500 {
			t.Errorf("number %d again: got %d, want 500", first, got)
		}
	}
}

func TestReceiveExemptsAckAndCancel(t *testing.T) {
	d := server(t)
	d.Receive(inDialog(t, "UPDATE", 9))
	before := *d
	for _, method := range []string{"ACK", "CANCEL"} {
		for _, seq := range []int{1, 9, 99} {
			if got := d.Receive(inDialog(t, method, seq)); got != 0 {
				t.Errorf("%s %d: got %d, want 0", method, seq, got)
			}
		}
	}
	if d.remoteSeq != before.remoteSeq {
		t.Errorf("remote sequence number: got %d, want %d", d.remoteSeq, before.remoteSeq)
	}
}

func TestReceiveLeavesTheRestAlone(t *testing.T) {
	d := server(t, "Record-Route: <sip:p1.example.com;lr>")
	before := bye(t, d)
	for i, method := range []string{"OPTIONS", "INFO", "INVITE", "BYE"} {
		d.Receive(inDialog(t, method, i+2, "Contact: <sip:elsewhere@u9.example.com>", "Record-Route: <sip:p9.example.com;lr>"))
	}
	if got := bye(t, d); got != before {
		t.Errorf("got\n%s\nwant\n%s", got, before)
	}
}

func TestAcknowledgesOnlyTheInvite(t *testing.T) {
	d := server(t)
	d.Receive(inDialog(t, "INVITE", 5)) // before the ACK, which was delayed
	for _, tt := range []struct {
		method string
		seq    int
		want   bool
	}{{"ACK", 1, true}, {"ACK", 2, false}, {"ACK", 0, false}, {"BYE", 1, false}} {
		if got := d.Acknowledges(inDialog(t, tt.method, tt.seq)); got != tt.want {
			t.Errorf("%s %d: got %v, want %v", tt.method, tt.seq, got, tt.want)
		}
	}
}
