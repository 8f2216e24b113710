select account, statement_line from account
