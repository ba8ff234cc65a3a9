mod asking;
mod deadlines;
mod endings;
mod laws;
mod life;
mod precedents;
mod table;
mod walk;
