package parser

import "iter"

// Product is one part of User-Agent or Server: a product with or without a version, or a comment (RFC 3261, Sections
// 20.35 and 20.41).
type Product struct {
	Name    []byte
	Version []byte // nil when absent
	Comment []byte // in parentheses as received; AppendTo puts any other text into them. Without a Name.
}

// Products walks the products and comments of h, which is [HeaderUserAgent] or [HeaderServer]. Behind a malformed one
// nothing can be read: the error is the last that comes. Many agents send no products but any text: that is Raw.
func (m *Message) Products(h Header) iter.Seq2[Product, error] {
	return func(yield func(Product, error) bool) { walkProducts(m.Raw(h), yield) }
}

func walkProducts(b []byte, yield func(Product, error) bool) {
	for i := 0; i < len(b); {
		p, end, err := nextProduct(b, i)
		i = skipLWS(b, end)
		if err == 0 && i == end && i < len(b) {
			err = errProduct // no blank before the next
		}
		if err != 0 {
			yield(Product{}, err)
			return
		}
		if !yield(p, nil) {
			return
		}
	}
}

// nextProduct reads the product or comment at b[i] and returns the offset after it.
func nextProduct(b []byte, i int) (p Product, end int, err Error) {
	if b[i] == '(' {
		if end, err = comment(b, i); err == 0 {
			p.Comment = b[i:end:end]
		}
		return p, end, err
	}
	if end = run(b, i, token); end == i {
		return p, end, errProduct
	}
	p.Name = b[i:end:end]
	if i = skipLWS(b, end); i == len(b) || b[i] != '/' {
		return p, end, 0
	}
	i = skipLWS(b, i+1)
	if end = run(b, i, token); end == i {
		return p, end, errProduct
	}
	p.Version = b[i:end:end]
	return p, end, 0
}

// AppendTo appends the product or comment to dst. A blank goes between two of them.
func (p Product) AppendTo(dst []byte) []byte {
	if p.Name == nil {
		return appendComment(dst, p.Comment)
	}
	dst = append(dst, p.Name...)
	if p.Version != nil {
		dst = append(dst, '/')
		dst = append(dst, p.Version...)
	}
	return dst
}

// appendComment appends v as a comment: what is one already as it is but for folds, anything else in parentheses.
func appendComment(dst, v []byte) []byte {
	if len(v) > 0 && v[0] == '(' {
		if end, err := comment(v, 0); err == 0 && end == len(v) {
			return appendUnfolded(dst, v)
		}
	}
	dst = append(dst, '(')
	for _, c := range v {
		if c == '(' || c == ')' || c == '\\' {
			dst = append(dst, '\\')
		}
		dst = append(dst, c)
	}
	return append(dst, ')')
}
