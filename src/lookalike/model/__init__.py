"""How a server that keeps a contract behaves: pure, without IO, clock or chance."""
