mod deadlines;
mod laws;
mod life;
mod precedents;
mod table;
mod walk;
