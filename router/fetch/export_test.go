package fetch

// WithNetHTTP makes the transport ask as it does where TLS or a proxy is needed.
func (n *Network) WithNetHTTP() *Network {
	n.plain = nil
	return n
}

// Plain tells whether the client without TLS asks.
func (n *Network) Plain() bool { return n.plain != nil }
