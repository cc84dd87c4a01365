//! `TABLE t` and `PARTITION BY` inside the arguments of a window function, which the parser does not
//! know, as expressions that it does.
//!
//! `TABLE t PARTITION BY (a, b)` becomes `TABLE((SELECT * FROM t), a, b)`, a call of a function named
//! `TABLE`. New tokens stand where the word `TABLE` does, so that later errors name the right place.

use std::iter::Peekable;

use datafusion::sql::sqlparser::ast::Ident;
use datafusion::sql::sqlparser::keywords::Keyword;
use datafusion::sql::sqlparser::tokenizer::{Span, Token, TokenWithSpan, Word};

use crate::window::WindowKind;

/// Name of the function that stands for a table with its partition columns.
pub(super) const TABLE_FUNCTION: &str = "TABLE";

/// Rewrites the tables in the arguments of window functions.
pub(crate) fn rewrite(tokens: Vec<TokenWithSpan>) -> Vec<TokenWithSpan> {
    if !tokens.iter().any(|token| keyword(&token.token) == Some(Keyword::TABLE)) {
        return tokens;
    }
    let tokens = tokens.into_iter().filter(|token| !matches!(token.token, Token::Whitespace(_)));
    let mut rewriter = Rewriter { input: tokens.peekable(), output: Vec::new(), open: Vec::new() };
    while rewriter.step().is_some() {}
    rewriter.output
}

struct Rewriter<I: Iterator<Item = TokenWithSpan>> {
    input: Peekable<I>,
    output: Vec<TokenWithSpan>,
    /// What the parentheses around the current place are.
    open: Vec<Parenthesis>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Parenthesis {
    /// Around the arguments of a function.
    Arguments,
    /// Around a query behind `TABLE`, with the place of that word.
    Table(Span),
    Other,
}

impl<I: Iterator<Item = TokenWithSpan>> Rewriter<I> {
    /// Copies or rewrites what comes next. Nothing at the end.
    fn step(&mut self) -> Option<()> {
        let token = self.input.next()?;
        match &token.token {
            Token::LParen => {
                // Names that only look like a window's are called that when they are planned.
                let call = self.output.last().is_some_and(|before| match &before.token {
                    Token::Word(word) if word.quote_style.is_some() => false,
                    Token::Word(word) => {
                        word.keyword == Keyword::NoKeyword || WindowKind::named(&word.value).is_some()
                    }
                    _ => false,
                });
                self.open.push(if call { Parenthesis::Arguments } else { Parenthesis::Other });
                self.output.push(token);
            }
            Token::RParen => {
                self.output.push(token);
                if let Some(Parenthesis::Table(span)) = self.open.pop() {
                    self.end_table(span);
                }
            }
            _ if self.at_argument() && keyword(&token.token) == Some(Keyword::TABLE) => {
                self.table(token.span)
            }
            _ => self.output.push(token),
        }
        Some(())
    }

    /// Whether an argument of a window function begins here.
    fn at_argument(&self) -> bool {
        let before = self.output.last().map(|token| &token.token);
        self.open.last() == Some(&Parenthesis::Arguments)
            && matches!(before, Some(Token::LParen | Token::Comma | Token::RArrow))
    }

    /// Behind `TABLE`: a query in parentheses, or the name of a table.
    fn table(&mut self, span: Span) {
        self.put(
            span,
            Token::Word(Word {
                value: TABLE_FUNCTION.to_owned(),
                quote_style: None,
                keyword: Keyword::NoKeyword,
            }),
        );
        self.put(span, Token::LParen);
        if self.input.next_if(|token| token.token == Token::LParen).is_some() {
            self.put(span, Token::LParen);
            self.open.push(Parenthesis::Table(span));
            return;
        }
        let name: Vec<_> = std::iter::from_fn(|| {
            self.input.next_if(|token| match &token.token {
                Token::Word(word) => word.quote_style.is_some() || word.keyword != Keyword::PARTITION,
                other => *other == Token::Period,
            })
        })
        .collect();
        let place = name.first().map_or(span, |first| first.span);
        self.put(place, Token::LParen);
        self.put(place, Token::make_keyword("SELECT"));
        self.put(place, Token::Mul);
        self.put(place, Token::make_keyword("FROM"));
        self.output.extend(name);
        self.put(place, Token::RParen);
        self.end_table(span);
    }

    /// Behind the table: its partition columns, if there are any, become arguments.
    fn end_table(&mut self, span: Span) {
        if self.input.next_if(|token| keyword(&token.token) == Some(Keyword::PARTITION)).is_some() {
            self.input.next_if(|token| keyword(&token.token) == Some(Keyword::BY));
            self.put(span, Token::Comma);
            let bracketed = self.input.next_if(|token| token.token == Token::LParen).is_some();
            let mut depth = 0_u32;
            while let Some(token) = self.input.next_if(|token| match token.token {
                Token::RParen => depth > 0,
                Token::Comma => bracketed || depth > 0,
                _ => true,
            }) {
                match token.token {
                    Token::LParen => depth += 1,
                    Token::RParen => depth -= 1,
                    _ => {}
                }
                self.output.push(token);
            }
            if bracketed {
                self.input.next();
            }
        }
        self.put(span, Token::RParen);
    }

    fn put(&mut self, span: Span, token: Token) {
        self.output.push(TokenWithSpan { token, span });
    }
}

/// The keyword that a token is, if it has no quotes.
fn keyword(token: &Token) -> Option<Keyword> {
    match token {
        Token::Word(word) if word.quote_style.is_none() => Some(word.keyword),
        _ => None,
    }
}

/// Whether an identifier is this name, in any case.
pub(super) fn is_named(ident: &Ident, name: &str) -> bool {
    ident.value.eq_ignore_ascii_case(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use datafusion::sql::sqlparser::dialect::GenericDialect;
    use datafusion::sql::sqlparser::tokenizer::Tokenizer;

    fn rewritten(sql: &str) -> String {
        let tokens = Tokenizer::new(&GenericDialect {}, sql).tokenize_with_location().expect("tokens");
        let tokens = rewrite(tokens).into_iter().filter(|token| token.token != Token::EOF);
        tokens.map(|token| token.token.to_string()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn tables_become_calls() {
        assert_eq!(
            rewritten("FROM TUMBLE(TABLE t, DESCRIPTOR(ts), x)"),
            "FROM TUMBLE ( TABLE ( ( SELECT * FROM t ) ) , DESCRIPTOR ( ts ) , x )"
        );
        assert_eq!(
            rewritten("session(DATA => TABLE a.t PARTITION BY (k, \"l\"), x)"),
            "session ( DATA => TABLE ( ( SELECT * FROM a . t ) , k , \"l\" ) , x )"
        );
        assert_eq!(
            rewritten("SESSION(TABLE t PARTITION BY k, x)"),
            "SESSION ( TABLE ( ( SELECT * FROM t ) , k ) , x )"
        );
        assert_eq!(
            rewritten("SESSION(TABLE (SELECT (1) FROM HOP(TABLE t)) PARTITION BY f(k, 1), x)"),
            "SESSION ( TABLE ( ( SELECT ( 1 ) FROM HOP ( TABLE ( ( SELECT * FROM t ) ) ) ) , f ( k , 1 ) ) , x )"
        );
    }

    #[test]
    fn other_tables_stay() {
        assert_eq!(rewritten("FROM TABLE(TUMBLE(x))"), "FROM TABLE ( TUMBLE ( x ) )");
        assert_eq!(rewritten("SELECT tumble, (TABLE t)"), "SELECT tumble , ( TABLE t )");
    }
}
