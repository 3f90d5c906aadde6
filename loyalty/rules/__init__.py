"""One module per kind of rule. A kind reads its own table and does its own arithmetic; `registry` names them all."""
